#include "cache/policy/preconditions.hpp"

#include "tests/unit/cache/builders.hpp"

#include <gtest/gtest.h>

namespace cache {
namespace {

using namespace std::chrono_literals;
using support::date_at;
using support::fields;
using support::noon;
using support::stored;

// RFC 9111, section 4.3.2; RFC 9110, section 13.1.2.
TEST(PreconditionsTest, IfNoneMatchIsComparedWeakly)
{
    struct
    {
        std::string_view tag;
        field_section request;
        bool not_modified;
    } const cases[] = {
        {"\"a\"", fields({{"If-None-Match", "\"a\""}}), true},
        {"\"a\"", fields({{"If-None-Match", "W/\"a\""}}), true},
        {"W/\"a\"", fields({{"If-None-Match", "\"a\""}}), true},
        {"W/\"a\"", fields({{"If-None-Match", "W/\"a\""}}), true},
        {"\"a\"", fields({{"If-None-Match", "\"b\""}}), false},
        {"\"a\"", fields({{"If-None-Match", "\"x\", \"a\", \"y\""}}), true},
        {"\"a\"", fields({{"If-None-Match", "\"x\",\"y\""}, {"if-none-match", "\"a\""}}), true},
        {"\"a\"", fields({{"If-None-Match", "*"}}), true},
        {"\"a\"", fields({{"If-None-Match", "a"}}), false},
        {"a", fields({{"If-None-Match", "a"}}), false},
        {"\"a\"", fields({{"If-None-Match", ""}}), false},
        {"\"a\"", {}, false},
    };
    for (const auto& c : cases) {
        EXPECT_EQ(is_not_modified(c.request, stored(fields({{"ETag", c.tag}}))), c.not_modified)
            << c.tag << " " << c.request.combined("if-none-match").value_or("-");
    }
}

// RFC 9110, section 13.1.3.
TEST(PreconditionsTest, IfModifiedSinceIsComparedWithLastModifiedElseDate)
{
    const auto modified = stored(fields({{"Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT"}}));
    struct
    {
        std::string_view since;
        bool not_modified;
    } const cases[] = {
        {"Sun, 06 Nov 1994 08:49:37 GMT", true},
        {"Sunday, 06-Nov-94 08:49:37 GMT", true},
        {"Sun Nov  6 08:49:37 1994", true},
        {"Sun, 06 Nov 1994 08:49:38 GMT", true},
        {"Thu, 18 Aug 2050 02:01:18 GMT", true},
        {"Sun, 06 Nov 1994 08:49:36 GMT", false},
        {"Sun, 06 Nov 1994 08:49:37 UTC", false},
        {"", false},
    };
    for (const auto& c : cases) {
        EXPECT_EQ(
            is_not_modified(fields({{"If-Modified-Since", c.since}}), modified), c.not_modified)
            << c.since;
    }
    const auto twice = fields({{"If-Modified-Since", "Sun, 06 Nov 1994 08:49:37 GMT"},
        {"If-Modified-Since", "Sun, 06 Nov 1994 08:49:37 GMT"}});
    EXPECT_FALSE(is_not_modified(twice, modified));

    const auto undated = stored(fields({{"Date", date_at(noon)}}));
    EXPECT_TRUE(is_not_modified(fields({{"If-Modified-Since", date_at(noon)}}), undated));
    EXPECT_FALSE(is_not_modified(fields({{"If-Modified-Since", date_at(noon - 1s)}}), undated));
}

TEST(PreconditionsTest, IfNoneMatchBeatsIfModifiedSince)
{
    const std::string date = date_at(noon - 24h);
    const auto response = stored(fields({{"ETag", "\"a\""}, {"Last-Modified", date}}));
    EXPECT_FALSE(is_not_modified(
        fields({{"If-None-Match", "\"b\""}, {"If-Modified-Since", date}}), response));
    EXPECT_FALSE(
        is_not_modified(fields({{"If-None-Match", "b"}, {"If-Modified-Since", date}}), response));
    EXPECT_TRUE(is_not_modified(
        fields({{"If-Modified-Since", date_at(noon - 48h)}, {"If-None-Match", "\"a\""}}),
        response));
}

// RFC 9110, section 13.2.1.
TEST(PreconditionsTest, CountOnlyWhereTheAnswerWouldBeASuccess)
{
    const auto request = fields({{"If-None-Match", "\"a\""}});
    for (const unsigned status : {301U, 404U, 500U}) {
        EXPECT_FALSE(is_not_modified(request, stored(fields({{"ETag", "\"a\""}}), {}, status)))
            << status;
    }
}

// RFC 9110, section 15.4.5.
TEST(PreconditionsTest, NotModifiedCarriesWhatAStoredCopyIsUpdatedWith)
{
    const auto response = stored(fields({{"Date", date_at(noon)},
        {"ETag", "\"a\""},
        {"Last-Modified", date_at(noon - 1h)},
        {"Cache-Control", "max-age=60"},
        {"Expires", "0"},
        {"Vary", "Foo"},
        {"Content-Location", "/a"},
        {"Access-Control-Allow-Origin", "*"},
        {"Content-Type", "text/plain"},
        {"Content-Encoding", "gzip"},
        {"Set-Cookie", "a=1"},
        {"Server", "x"}}));
    EXPECT_EQ(not_modified_fields(response),
        fields({{"Date", date_at(noon)},
            {"ETag", "\"a\""},
            {"Cache-Control", "max-age=60"},
            {"Expires", "0"},
            {"Vary", "Foo"},
            {"Content-Location", "/a"},
            {"Access-Control-Allow-Origin", "*"}}));
    const auto untagged = stored(fields({{"Last-Modified", date_at(noon - 1h)}}));
    EXPECT_TRUE(not_modified_fields(untagged).contains(field::last_modified));
}

}  // namespace
}  // namespace cache
