#include "cache/policy/cache_control.hpp"

#include "cache/policy/grammar.hpp"
#include "tests/unit/cache/builders.hpp"

#include <gtest/gtest.h>

namespace cache {
namespace {

using namespace std::chrono_literals;
using support::fields;

cache_control parse(std::string_view value)
{
    return parse_cache_control(fields({{"Cache-Control", value}}));
}

TEST(CacheControlTest, AbsentFieldHoldsNoDirective)
{
    EXPECT_EQ(parse_cache_control({}), cache_control{});
    EXPECT_EQ(parse(""), cache_control{});
    EXPECT_EQ(parse("immutable, ext=1, max-ages=3"), cache_control{});
}

TEST(CacheControlTest, ReadsDirectivesInAnyLetterCaseAndOnAnyLine)
{
    const cache_control parsed = parse_cache_control(fields({{"Cache-Control", "Max-AGE=10, ext"},
        {"cache-control", "PRIVATE,no-Store"},
        {"Cache-Control", "s-maxage=20, min-fresh=3, only-if-cached"}}));
    EXPECT_EQ(parsed.max_age, 10s);
    EXPECT_EQ(parsed.s_maxage, 20s);
    EXPECT_EQ(parsed.min_fresh, 3s);
    EXPECT_TRUE(parsed.is_private);
    EXPECT_TRUE(parsed.no_store);
    EXPECT_TRUE(parsed.only_if_cached);
    EXPECT_FALSE(parsed.no_cache);
    EXPECT_FALSE(parsed.is_public);
}

// RFC 9111, sections 4.2.1 and 5.2: what is invalid or contradicts itself is stale.
TEST(CacheControlTest, InvalidOrConflictingMaxAgeTakesTheStricterReading)
{
    struct
    {
        std::string_view value;
        std::chrono::seconds max_age;
    } const cases[] = {
        {"max-age=3600", 3600s},
        {"max-age=003600", 3600s},
        {"max-age=\"3600\"", 3600s},
        {"max-age=99999999999", max_delta_seconds},
        {"max-age=1800, max-age=1", 1s},
        {"max-age=1, max-age=1800", 1s},
        {"max-age=1, MAX-AGE=x", 0s},
        {"max-age", 0s},
        {"max-age=", 0s},
        {"max-age=-3600", 0s},
        {"max-age='3600'", 0s},
        {"max-age=\"3600", 0s},
        {"max-age=\"", 0s},
        {"max-age=3600.0", 0s},
        {"max-age=3600.5", 0s},
        {"max-age=a3600", 0s},
        {"max-age=3600a", 0s},
        {"max-age =3600", 0s},
        {"max-age= 3600", 0s},
        {"max-age=3600; public", 0s},
        {"ext=\"max-age=3600\", max-age=1", 1s},
        {"max-age=1, ext=\"max-age=3600\"", 1s},
        {"ext=\"a\\\", max-age=3600\", max-age=1", 1s},
    };
    for (const auto& c : cases) {
        EXPECT_EQ(parse(c.value).max_age, c.max_age) << c.value;
    }
    EXPECT_EQ(parse("ext=\"max-age=3600\"").max_age, std::nullopt);
}

TEST(CacheControlTest, RestrictionCountsWhateverFollowsItsName)
{
    for (const auto* value : {"no-store", "no-store=x", "no-store; private", "no-store =\"\""}) {
        EXPECT_TRUE(parse(value).no_store) << value;
    }
    EXPECT_TRUE(parse("private=\"Set-Cookie, X\"").is_private);
    EXPECT_TRUE(parse("no-cache=\"Set-Cookie\"").no_cache);
    EXPECT_FALSE(parse("ext=\"a, no-store\"").no_store);
    EXPECT_FALSE(parse("no-storer").no_store);
}

TEST(CacheControlTest, PermissionCountsOnlyAlone)
{
    EXPECT_TRUE(parse("public").is_public);
    EXPECT_TRUE(parse("must-understand").must_understand);
    for (const auto* value : {"public=1", "public; no-store", "public x", "must-understand="}) {
        EXPECT_FALSE(parse(value).is_public) << value;
        EXPECT_FALSE(parse(value).must_understand) << value;
    }
}

// RFC 9111, section 5.2.1.2.
TEST(CacheControlTest, MaxStaleWithoutNumberIsUnlimited)
{
    EXPECT_EQ(parse("max-stale").max_stale, max_delta_seconds);
    EXPECT_EQ(parse("max-stale=5").max_stale, 5s);
    EXPECT_EQ(parse("max-stale=x").max_stale, 0s);
    EXPECT_EQ(parse("max-stale=").max_stale, 0s);
    EXPECT_EQ(parse("max-stale, max-stale=7").max_stale, 7s);
}

}  // namespace
}  // namespace cache
