#include "cache/policy/stored_response.hpp"

#include "tests/unit/cache/builders.hpp"

#include <gtest/gtest.h>

namespace cache {
namespace {

using namespace std::chrono_literals;
using support::date_at;
using support::fields;
using support::noon;
using support::stored;

// RFC 9111, section 3.1.
TEST(StoredResponseTest, KeepsEveryEndToEndField)
{
    for (const auto* name : {"Server",
             "Set-Cookie",
             "X-Unknown",
             "Content-Type",
             "Content-Encoding",
             "Content-Language",
             "Content-Location",
             "Content-Disposition",
             "Content-Range",
             "Content-Security-Policy",
             "Via",
             "Cache-Status",
             "Proxy-Status",
             "Retry-After",
             "ETag",
             "Vary",
             "Warning"}) {
        EXPECT_EQ(stored(fields({{name, "x"}})).fields.first(name), "x") << name;
    }
}

TEST(StoredResponseTest, KeepsNoFieldOfOneHop)
{
    for (const auto* name : {"Connection",
             "Keep-Alive",
             "Proxy-Authenticate",
             "Proxy-Authentication-Info",
             "Proxy-Authorization",
             "Proxy-Connection",
             "TE",
             "Trailer",
             "Transfer-Encoding",
             "Upgrade",
             "HTTP2-Settings",
             "Content-Length",
             "Age"}) {
        EXPECT_FALSE(stored(fields({{name, "x"}})).fields.contains(name)) << name;
    }
}

TEST(StoredResponseTest, KeepsNoFieldThatConnectionNames)
{
    const auto made = stored(fields({{"Connection", "X-A, close"},
        {"X-A", "1"},
        {"x-a", "2"},
        {"X-B", "3"},
        {"connection", "x-c"},
        {"X-C", "4"}}));
    EXPECT_FALSE(made.fields.contains("X-A"));
    EXPECT_FALSE(made.fields.contains("X-C"));
    EXPECT_TRUE(made.fields.contains("X-B"));
}

TEST(StoredResponseTest, ConnectionCannotTakeAwayWhatLimitsReuse)
{
    const auto made = stored(fields({{"Connection", "Cache-Control, Vary, Set-Cookie"},
        {"Cache-Control", "private"},
        {"Vary", "Cookie"},
        {"Set-Cookie", "a=1"}}));
    EXPECT_TRUE(made.fields.contains(field::cache_control));
    EXPECT_TRUE(made.fields.contains(field::vary));
    EXPECT_TRUE(made.fields.contains(field::set_cookie));
}

// RFC 9110, section 6.6.1.
TEST(StoredResponseTest, DateIsThatOfReceiptWhereAbsentOrInvalid)
{
    EXPECT_EQ(stored({}).fields.first(field::date), date_at(noon));
    EXPECT_EQ(stored(fields({{"Date", "soon"}})).fields.first(field::date), date_at(noon));
    const auto twice = stored(fields({{"Date", date_at(noon - 1h)}, {"Date", date_at(noon)}}));
    EXPECT_EQ(twice.fields.combined(field::date), date_at(noon));

    const auto old = stored(fields({{"Date", date_at(noon - 1h)}}));
    EXPECT_EQ(old.fields.first(field::date), date_at(noon - 1h));
    EXPECT_EQ(old.corrected_initial_age, 1h);
}

TEST(StoredResponseTest, AgeIsTakenFromTheFieldsIntoTheInitialAge)
{
    EXPECT_EQ(stored(fields({{"Age", "7200, 0"}})).corrected_initial_age, 7200s);
    EXPECT_EQ(stored(fields({{"Age", "old"}})).corrected_initial_age, 0s);
}

TEST(StoredResponseTest, HoldsTheRequestFieldsThatVaryNames)
{
    const auto made = stored(fields({{"Vary", "Foo"}}), fields({{"foo", "1"}, {"bar", "2"}}));
    EXPECT_EQ(made.selecting_fields, fields({{"Foo", "1"}}));
}

}  // namespace
}  // namespace cache
