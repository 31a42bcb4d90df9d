#include "cache/policy/invalidation.hpp"

#include "tests/unit/cache/builders.hpp"

#include <gtest/gtest.h>

namespace cache {
namespace {

using boost::beast::http::verb;
using support::fields;

// RFC 9111, section 4.4; RFC 9110, section 9.2.1.
TEST(InvalidationTest, UnsafeMethodInvalidatesUnlessItFailed)
{
    for (const verb method : {verb::post,
             verb::put,
             verb::delete_,
             verb::patch,
             verb::msearch,
             verb::proppatch,
             verb::unknown}) {
        for (const unsigned status : {200U, 201U, 204U, 299U, 301U, 303U, 399U}) {
            EXPECT_TRUE(invalidates(method, status)) << method << status;
        }
        for (const unsigned status : {100U, 199U, 400U, 404U, 500U, 599U}) {
            EXPECT_FALSE(invalidates(method, status)) << method << status;
        }
    }
    for (const verb method : {verb::get, verb::head, verb::options, verb::trace, verb::propfind}) {
        EXPECT_FALSE(invalidates(method, 200)) << method;
    }
}

// The key that a Location names in the answer to http://a.example:8080/dir/doc?q; "" if none.
std::string named_by(std::string_view location)
{
    const request_uri_view uri{
        .scheme = "http", .host = "a.example", .port = 8080, .target = "/dir/doc?q"};
    const auto keys = invalidated_keys(uri, fields({{"Location", location}}));
    EXPECT_EQ(keys.front().text(), "http://a.example:8080/dir/doc?q");
    return keys.size() == 2 ? keys.back().text() : std::string{};
}

TEST(InvalidationTest, LocationOfTheSameOriginIsInvalidatedToo)
{
    const std::string origin{"http://a.example:8080"};
    struct
    {
        std::string_view location;
        std::string key;
    } const cases[] = {
        {"/x", origin + "/x"},
        {"/x?y=1#z", origin + "/x?y=1"},
        {"x", origin + "/dir/x"},
        {"?r", origin + "/dir/doc?r"},
        {"x:1", ""},
        {"/x:1", origin + "/x:1"},
        {"http://a.example:8080/x", origin + "/x"},
        {"HTTP://A.Example:8080/x", origin + "/x"},
        {"http://a.example:8080", origin + "/"},
        {"http://a.example:8080?r", origin + "/?r"},
        {"//a.example:8080/x", origin + "/x"},
        {"/a%2fb%zz%", origin + "/a%2Fb%zz%"},
        {"http://a.example/x", ""},
        {"http://a.example:80/x", ""},
        {"http://a.example:80800/x", ""},
        {"https://a.example:8080/x", ""},
        {"http://b.example:8080/x", ""},
        {"http://a.example.evil:8080/x", ""},
        {"http://user@a.example:8080/x", ""},
        {"//b.example:8080/x", ""},
        {"//", ""},
        {"http:", ""},
        {"http://", ""},
        {"http:/x", ""},
        {"mailto:x", ""},
        {"../x", ""},
        {"/a/../x", ""},
        {"/a/.", ""},
        {"/a/..?b", ""},
        {"/a/...", origin + "/a/..."},
        {"/?/../b", origin + "/?/../b"},
        {"/a b", ""},
        {"/\xc3\xa4", ""},
        {"#z", ""},
        {"", ""},
    };
    for (const auto& c : cases) {
        EXPECT_EQ(named_by(c.location), c.key) << c.location;
    }
}

TEST(InvalidationTest, DefaultPortMayBeWrittenOrNot)
{
    const request_uri_view uri{.scheme = "https", .host = "a.example", .port = 443, .target = "/"};
    const auto response = fields(
        {{"Location", "https://a.example:443/x"}, {"Content-Location", "https://a.example/y"}});
    const auto keys = invalidated_keys(uri, response);
    ASSERT_EQ(keys.size(), 3U);
    EXPECT_EQ(keys[0].text(), "https://a.example/");
    EXPECT_EQ(keys[1].text(), "https://a.example/x");
    EXPECT_EQ(keys[2].text(), "https://a.example/y");
}

}  // namespace
}  // namespace cache
