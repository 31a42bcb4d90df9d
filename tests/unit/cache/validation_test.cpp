#include "cache/policy/validation.hpp"

#include "tests/unit/cache/builders.hpp"

#include <gtest/gtest.h>

namespace cache {
namespace {

using namespace std::chrono_literals;
using support::date_at;
using support::fields;
using support::noon;
using support::stored;

// RFC 9111, section 4.3.1.
TEST(ValidationTest, RequestCarriesTheValidatorsThatAreWellFormed)
{
    const std::string date = date_at(noon - 24h);
    struct
    {
        std::string_view what;
        field_section response;
        field_section expected;
    } const cases[] = {
        {"strong tag", fields({{"ETag", "\"a\""}}), fields({{"If-None-Match", "\"a\""}})},
        {"weak tag", fields({{"ETag", "W/\"a\""}}), fields({{"If-None-Match", "W/\"a\""}})},
        {"date", fields({{"Last-Modified", date}}), fields({{"If-Modified-Since", date}})},
        {"date as it came",
            fields({{"Last-Modified", "Sun Nov  6 08:49:37 1994"}}),
            fields({{"If-Modified-Since", "Sun Nov  6 08:49:37 1994"}})},
        {"both",
            fields({{"ETag", "\"a\""}, {"Last-Modified", date}}),
            fields({{"If-None-Match", "\"a\""}, {"If-Modified-Since", date}})},
        {"malformed tag", fields({{"ETag", "a"}}), {}},
        {"malformed date", fields({{"Last-Modified", "yesterday"}}), {}},
        {"two dates", fields({{"Last-Modified", date}, {"Last-Modified", date}}), {}},
        {"none", {}, {}},
    };
    for (const auto& c : cases) {
        EXPECT_EQ(validation_fields(stored(c.response)), c.expected) << c.what;
        EXPECT_EQ(has_validator(c.response, noon), !c.expected.empty()) << c.what;
    }
}

// RFC 9111, section 4.3.4.
TEST(ValidationTest, NotModifiedIsAboutTheResponseWithItsValidators)
{
    const std::string date = date_at(noon - 24h);
    const std::string later = date_at(noon);
    struct
    {
        std::string_view what;
        field_section not_modified;
        field_section response;
        bool expected;
    } const cases[] = {
        {"same tag", fields({{"ETag", "\"a\""}}), fields({{"ETag", "\"a\""}}), true},
        {"other tag", fields({{"ETag", "\"b\""}}), fields({{"ETag", "\"a\""}}), false},
        {"tag made weak", fields({{"ETag", "W/\"a\""}}), fields({{"ETag", "\"a\""}}), true},
        {"tag where there was none",
            fields({{"ETag", "\"a\""}}),
            fields({{"Last-Modified", date}}),
            false},
        {"no validator", fields({{"X", "1"}}), fields({{"ETag", "\"a\""}}), true},
        {"same date", fields({{"Last-Modified", date}}), fields({{"Last-Modified", date}}), true},
        {"other date",
            fields({{"Last-Modified", later}}),
            fields({{"Last-Modified", date}}),
            false},
        {"other date beside the same tag",
            fields({{"ETag", "\"a\""}, {"Last-Modified", later}}),
            fields({{"ETag", "\"a\""}, {"Last-Modified", date}}),
            true},
    };
    for (const auto& c : cases) {
        EXPECT_EQ(freshens(c.not_modified, stored(c.response)), c.expected) << c.what;
    }
}

// RFC 9111, section 3.2.
TEST(ValidationTest, FieldsOfA304ReplaceAndTheOthersStay)
{
    stored_response response = stored(fields({{"Cache-Control", "max-age=1"},
        {"ETag", "\"a\""},
        {"X-Kept", "1"},
        {"X-New", "old"},
        {"x-new", "older"},
        {"Set-Cookie", "a=1"},
        {"Content-Type", "text/plain"}}));
    update_from_304(response,
        fields({{"cache-control", "max-age=60"},
            {"X-New", "new"},
            {"X-New", "newer"},
            {"Set-Cookie", "b=2"},
            {"Content-Type", "text/html"},
            {"ETag", "\"a\""},
            {"Date", date_at(noon + 10s)}}),
        noon + 9s,
        noon + 10s);
    EXPECT_EQ(response.fields.combined(field::cache_control), "max-age=60");
    EXPECT_EQ(response.fields.combined("x-new"), "new, newer");
    EXPECT_EQ(response.fields.first("x-kept"), "1");
    EXPECT_EQ(response.fields.combined(field::set_cookie), "b=2");
    EXPECT_EQ(response.fields.first(field::content_type), "text/html");
    EXPECT_EQ(response.fields.count(field::etag), 1U);
    EXPECT_EQ(response.fields.combined(field::date), date_at(noon + 10s));
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body_octets, 10U);
    EXPECT_EQ(evaluate_freshness(response).fresh_until, noon + 10s + 59s);
}

TEST(ValidationTest, WhatDescribesTheStoredOctetsStays)
{
    stored_response response =
        stored(fields({{"ETag", "\"a\""}, {"Content-Encoding", "gzip"}, {"Content-Range", "x"}}));
    update_from_304(response,
        fields({{"Content-Encoding", "br"},
            {"Content-Length", "0"},
            {"Content-Range", "y"},
            {"Transfer-Encoding", "chunked"},
            {"Connection", "X-Hop"},
            {"X-Hop", "1"},
            {"Keep-Alive", "timeout=5"}}),
        noon,
        noon);
    EXPECT_EQ(response.fields.combined(field::content_encoding), "gzip");
    EXPECT_EQ(response.fields.combined(field::content_range), "x");
    for (const auto* name :
        {"Content-Length", "Transfer-Encoding", "Connection", "X-Hop", "Keep-Alive", "Age"}) {
        EXPECT_FALSE(response.fields.contains(name)) << name;
    }
}

TEST(ValidationTest, TimeCountsFromThe304)
{
    stored_response response =
        stored(fields({{"Cache-Control", "max-age=60"}, {"ETag", "\"a\""}, {"Age", "50"}}));
    response.invalidated = true;
    update_from_304(response, fields({{"Age", "7"}}), noon + 1h, noon + 1h + 1s);
    EXPECT_EQ(response.request_time, noon + 1h);
    EXPECT_EQ(response.response_time, noon + 1h + 1s);
    EXPECT_EQ(response.corrected_initial_age, 8s);
    EXPECT_FALSE(response.invalidated);
    // A 304 without Date is as old as its receipt, not as the stored Date (RFC 9110, 6.6.1).
    EXPECT_EQ(response.fields.combined(field::date), date_at(noon + 1h + 1s));
    EXPECT_TRUE(evaluate_freshness(response).is_fresh(noon + 1h + 1s));
}

// RFC 9111, section 4.3.5.
TEST(ValidationTest, HeadDescribesTheStoredResponseIfValidatorsAndLengthAreEqual)
{
    const std::string modified = date_at(noon - 1h);
    const stored_response both =
        stored(fields({{"ETag", "\"a\""}, {"Last-Modified", modified}}));  // of ten octets
    const stored_response bare = stored({});
    struct
    {
        field_section head;
        const stored_response& response;
        bool describes;
    } const cases[] = {
        {fields({{"ETag", "\"a\""}}), both, true},
        {fields({{"Last-Modified", modified}}), both, true},
        {fields({{"ETag", "\"a\""}, {"Last-Modified", modified}}), both, true},
        {fields({{"ETag", "\"a\""}, {"Content-Length", "10"}}), both, true},
        {fields({{"ETag", "\"a\""}, {"Content-Length", "11"}}), both, false},
        {fields({{"ETag", "\"b\""}}), both, false},
        {fields({{"ETag", "W/\"a\""}}), both, false},
        {fields({{"ETag", "\"a\""}, {"Last-Modified", date_at(noon)}}), both, false},
        {fields({{"Content-Length", "10"}}), both, false},
        {fields({{"Content-Length", "10"}}), bare, false},
        {fields({{"ETag", "\"a\""}}), bare, false},
    };
    for (const auto& c : cases) {
        EXPECT_EQ(describes(c.head, c.response), c.describes) << &c - cases;
    }
}

}  // namespace
}  // namespace cache
