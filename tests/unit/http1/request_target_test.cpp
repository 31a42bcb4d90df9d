#include "proxy/http1/request_target.hpp"

#include <gtest/gtest.h>

#include <string>

namespace proxy::http1 {
namespace {

using boost::beast::http::verb;

TEST(RequestTargetTest, SplitsAnAbsoluteTarget)
{
    const auto parts = split_absolute_target("hTTp://a:80/b?c://d");
    ASSERT_TRUE(parts);
    EXPECT_EQ(parts->scheme, "hTTp");
    EXPECT_EQ(parts->authority, "a:80");
    EXPECT_EQ(parts->path_and_query, "/b?c://d");
}

TEST(RequestTargetTest, AuthorityEndsWherePathQueryOrFragmentBegins)
{
    EXPECT_EQ(split_absolute_target("http://a")->path_and_query, "");
    EXPECT_EQ(split_absolute_target("http://a?b/c")->path_and_query, "?b/c");
    EXPECT_EQ(split_absolute_target("http://a#b")->path_and_query, "#b");
    EXPECT_EQ(split_absolute_target("http:///b")->authority, "");
}

TEST(RequestTargetTest, SchemeIsALetterAndWhatMayFollow)  // RFC 3986, section 3.1
{
    EXPECT_TRUE(split_absolute_target("a+b-c.9://x"));
    for (const char* target : {"://x", "9a://x", "a_b://x", "a/b://x", "a:/x", "a:x", "a", ""}) {
        EXPECT_FALSE(split_absolute_target(target)) << target;
    }
}

TEST(RequestTargetTest, AcceptsEveryVisibleOctetOfAPathButTheNumberSign)
{
    for (unsigned octet = 0; octet != 256; ++octet) {
        const std::string target = std::string{"/"} + static_cast<char>(octet);
        const bool visible = octet > 0x20 && octet < 0x7f && octet != '#';
        EXPECT_EQ(classify_target(verb::get, target).has_value(), visible) << octet;
    }
}

TEST(RequestTargetTest, MethodDecidesWhichFormsAreAllowed)
{
    const auto form = [](verb method, std::string_view target) {
        return classify_target(method, target);
    };
    EXPECT_EQ(*form(verb::get, "/"), target_form::origin);
    EXPECT_EQ(*form(verb::get, "//a/b"), target_form::origin);
    EXPECT_EQ(*form(verb::get, "urn://a"), target_form::absolute);
    EXPECT_EQ(*form(verb::connect, "a:1"), target_form::authority);
    EXPECT_EQ(*form(verb::connect, "[::1]:443"), target_form::authority);
    EXPECT_EQ(*form(verb::options, "*"), target_form::asterisk);
    EXPECT_EQ(form(verb::unknown, "*").error(), errc::malformed_target);
    EXPECT_EQ(form(verb::get, "a:1").error(), errc::malformed_target);
    EXPECT_EQ(form(verb::get, "").error(), errc::malformed_target);
    EXPECT_EQ(form(verb::connect, "*").error(), errc::malformed_target);
    EXPECT_EQ(form(verb::connect, "a:443/").error(), errc::malformed_target);
    EXPECT_EQ(form(verb::connect, ":443").error(), errc::malformed_target);
}

}  // namespace
}  // namespace proxy::http1
