#include "cache/policy/freshness.hpp"

#include "cache/policy/grammar.hpp"
#include "tests/unit/cache/builders.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace cache {
namespace {

using namespace std::chrono_literals;
using support::date_at;
using support::fields;
using support::noon;
using support::stored;

freshness evaluate(const field_section& response, unsigned status = 200)
{
    return evaluate_freshness(stored(response, {}, status));
}

// For how long from noon the response is fresh; negative or zero: never.
std::chrono::milliseconds fresh_for(const field_section& response, unsigned status = 200)
{
    return evaluate(response, status).fresh_until - noon;
}

// RFC 9111, section 4.2.1.
TEST(FreshnessTest, LifetimeIsStatedBySharedMaxAgeThenMaxAgeThenExpires)
{
    const std::string past = date_at(noon - 1h);
    const std::string future = date_at(noon + 2h);
    struct
    {
        std::string_view what;
        field_section response;
        std::chrono::seconds fresh_for;
    } const cases[] = {
        {"max-age", fields({{"Cache-Control", "max-age=3600"}}), 3600s},
        {"unknown directive beside it", fields({{"Cache-Control", "foobar, max-age=3600"}}), 3600s},
        {"max-age beats Expires",
            fields({{"Cache-Control", "max-age=3600"}, {"Expires", past}}),
            3600s},
        {"max-age beats an invalid Expires",
            fields({{"Expires", "0"}, {"Cache-Control", "max-age=3600"}}),
            3600s},
        {"max-age=0 beats a future Expires",
            fields({{"Cache-Control", "max-age=0"}, {"Expires", future}}),
            0s},
        {"invalid max-age beats a future Expires",
            fields({{"Cache-Control", "max-age=-3600"}, {"Expires", future}}),
            0s},
        {"max-age is clamped",
            fields({{"Cache-Control", "max-age=99999999999"}}),
            max_delta_seconds},
        {"s-maxage beats a shorter max-age",
            fields({{"Cache-Control", "max-age=10, s-maxage=3600"}}),
            3600s},
        {"s-maxage beats a longer max-age",
            fields({{"Cache-Control", "s-maxage=10, max-age=3600"}}),
            10s},
        {"s-maxage on another line",
            fields({{"Cache-Control", "max-age=3600"}, {"Cache-Control", "s-maxage=10"}}),
            10s},
        {"s-maxage beats Expires",
            fields({{"Cache-Control", "s-maxage=3600"}, {"Expires", past}}),
            3600s},
        {"Expires", fields({{"Expires", future}}), 7200s},
        {"Expires in another letter case", fields({{"eXPIRES", future}}), 7200s},
        {"Expires beside an invalid Date", fields({{"Expires", future}, {"Date", "foo"}}), 7200s},
        {"Expires in the past", fields({{"Expires", past}}), -0s},
        {"Expires at Date", fields({{"Expires", date_at(noon)}, {"Date", date_at(noon)}}), 0s},
        {"Expires before Date, both ahead",
            fields({{"Expires", future}, {"Date", date_at(noon + 3h)}}),
            0s},
        {"Expires 0", fields({{"Expires", "0"}}), 0s},
        {"Expires twice", fields({{"Expires", future}, {"Expires", future}}), 0s},
        {"Expires far away",
            fields({{"Expires", "Fri, 31 Dec 9999 23:59:59 GMT"}}),
            max_delta_seconds},
        {"Expires after a slow Date",
            fields({{"Expires", date_at(noon + 1h)}, {"Date", date_at(noon - 1h)}}),
            1h},
        {"Expires after a fast Date",
            fields({{"Expires", date_at(noon + 3h)}, {"Date", date_at(noon + 1h)}}),
            2h},
        {"no information at all", fields({}), 0s},
    };
    for (const auto& c : cases) {
        EXPECT_EQ(fresh_for(c.response), c.fresh_for) << c.what;
    }
}

// RFC 9111, section 4.2: fresh while the lifetime is greater than the current age.
TEST(FreshnessTest, AgeEatsTheLifetimeUp)
{
    const std::string hour_ahead = date_at(noon + 1h);
    EXPECT_EQ(fresh_for(fields({{"Cache-Control", "max-age=3600"}, {"Age", "3000"}})), 600s);
    EXPECT_EQ(fresh_for(fields({{"Cache-Control", "max-age=3600"}, {"Age", "3600"}})), 0s);
    EXPECT_EQ(fresh_for(fields({{"Cache-Control", "max-age=3600"}, {"Age", "7200"}})), -3600s);
    EXPECT_EQ(fresh_for(fields({{"Expires", hour_ahead}, {"Age", "7200"}})), -3600s);
    // However fast or slow the clock that wrote Date.
    EXPECT_LT(fresh_for(fields(
                  {{"Expires", hour_ahead}, {"Date", date_at(noon + 30min)}, {"Age", "3600"}})),
        0s);
    EXPECT_LT(fresh_for(fields(
                  {{"Expires", hour_ahead}, {"Date", date_at(noon - 30min)}, {"Age", "7200"}})),
        0s);
    // Apparent age: an old Date counts like an Age (section 4.2.3).
    EXPECT_EQ(fresh_for(fields({{"Cache-Control", "max-age=3600"}, {"Date", date_at(noon - 2h)}})),
        -3600s);
}

TEST(FreshnessTest, EndsAtTheInstantItIsStated)
{
    const freshness fresh = evaluate(fields({{"Cache-Control", "max-age=1"}}));
    EXPECT_TRUE(fresh.is_fresh(noon + 999ms));
    EXPECT_FALSE(fresh.is_fresh(noon + 1000ms));
}

// RFC 9111, sections 4.2.4, 5.2.2.2, 5.2.2.4, 5.2.2.8 and 5.2.2.10.
TEST(FreshnessTest, SaysWhetherStaleOrUnvalidatedUseIsForbidden)
{
    struct
    {
        std::string_view cache_control;
        bool always_validate;
        bool stale_forbidden;
    } const cases[] = {
        {"max-age=60", false, false},
        {"max-age=60, public", false, false},
        {"max-age=60, stale-if-error=60", false, false},
        {"max-age=60, must-revalidate", false, true},
        {"max-age=60, proxy-revalidate", false, true},
        {"s-maxage=60", false, true},
        {"s-maxage=x", false, true},
        {"max-age=60, no-cache", true, true},
        {"max-age=60, NO-CACHE=\"a\"", true, true},
    };
    for (const auto& c : cases) {
        const freshness fresh = evaluate(fields({{"Cache-Control", c.cache_control}}));
        EXPECT_EQ(fresh.always_validate, c.always_validate) << c.cache_control;
        EXPECT_EQ(fresh.stale_forbidden, c.stale_forbidden) << c.cache_control;
        EXPECT_EQ(fresh.is_fresh(noon), !c.always_validate && c.cache_control != "s-maxage=x")
            << c.cache_control;
    }
}

// RFC 9111, section 4.4.
TEST(FreshnessTest, InvalidatedResponseIsNeitherFreshNorToBeServedStale)
{
    stored_response response = stored(fields({{"Cache-Control", "max-age=60"}}));
    response.invalidated = true;
    const freshness fresh = evaluate_freshness(response);
    EXPECT_FALSE(fresh.is_fresh(noon));
    EXPECT_TRUE(fresh.stale_forbidden);
}

// RFC 9111, section 5.4.
TEST(FreshnessTest, PragmaMeansNothing)
{
    const auto response = fields({{"Cache-Control", "max-age=60"}, {"Pragma", "no-cache"}});
    EXPECT_TRUE(evaluate(response).is_fresh(noon));
}

// RFC 9111, section 4.2.2.
TEST(FreshnessTest, HeuristicLifetimeIsATenthOfTheTimeSinceModificationUpToADay)
{
    struct
    {
        std::chrono::seconds modified_before;
        std::chrono::seconds lifetime;
    } const cases[] = {
        {0s, 0s},
        {5s, 0s},
        {60s, 6s},
        {24h, 8640s},
        {240h, 24h},
        {24000h, 24h},
        {-1h, 0s},
    };
    for (const auto& c : cases) {
        const auto modified = date_at(noon - c.modified_before);
        const freshness fresh = evaluate(fields({{"Last-Modified", modified}}));
        EXPECT_EQ(fresh.lifetime, c.lifetime) << modified;
        EXPECT_FALSE(fresh.is_explicit);
    }
}

TEST(FreshnessTest, HeuristicsNeedAValidDateAndGiveWayToWhatIsStated)
{
    const std::string modified = date_at(noon - 24h);
    EXPECT_EQ(evaluate(fields({{"Last-Modified", "yesterday"}})).lifetime, 0s);
    EXPECT_EQ(
        evaluate(fields({{"Last-Modified", modified}, {"Last-Modified", modified}})).lifetime, 0s);
    const auto zero = fields({{"Last-Modified", modified}, {"Cache-Control", "max-age=0"}});
    EXPECT_EQ(evaluate(zero).lifetime, 0s);
    EXPECT_TRUE(evaluate(zero).is_explicit);
    EXPECT_EQ(evaluate(fields({{"Last-Modified", modified}, {"Expires", "0"}})).lifetime, 0s);
}

TEST(FreshnessTest, HeuristicsAreForSomeStatuses)
{
    const auto response = fields({{"Last-Modified", date_at(noon - 24h)}});
    const auto open = fields({{"Last-Modified", date_at(noon - 24h)}, {"Cache-Control", "public"}});
    for (const unsigned status : {200U, 203U, 204U, 300U, 301U, 308U, 404U, 410U}) {
        EXPECT_EQ(evaluate(response, status).lifetime, 8640s) << status;
    }
    for (const unsigned status : {201U, 202U, 302U, 303U, 307U, 299U, 402U, 499U}) {
        EXPECT_EQ(evaluate(response, status).lifetime, 0s) << status;
        EXPECT_EQ(evaluate(open, status).lifetime, 8640s) << status;
    }
    // Ours: passing errors never, though 405, 414 and 501 would be allowed.
    for (const unsigned status : {400U, 403U, 405U, 414U, 429U, 500U, 501U, 503U, 599U}) {
        EXPECT_EQ(evaluate(response, status).lifetime, 0s) << status;
        EXPECT_EQ(evaluate(open, status).lifetime, 0s) << status;
    }
}

// RFC 9111, section 4.2: any status is reused while its stated lifetime lasts.
TEST(FreshnessTest, StatedLifetimeCountsForEveryStatus)
{
    for (const unsigned status : {200U,
             203U,
             204U,
             299U,
             301U,
             302U,
             303U,
             307U,
             308U,
             400U,
             404U,
             410U,
             499U,
             500U,
             502U,
             503U,
             504U,
             599U}) {
        EXPECT_EQ(fresh_for(fields({{"Cache-Control", "max-age=60"}}), status), 60s) << status;
        EXPECT_EQ(fresh_for(fields({{"Cache-Control", "max-age=0"}}), status), 0s) << status;
    }
}

// RFC 9110, section 5.6.7: dates that follow none of the formats mean "already expired".
TEST(FreshnessTest, ExpiresIsReadStrictly)
{
    for (const auto* date : {"Thu, 18 Aug 2050 02:01:18 GMT",
             "Thursday, 18-Aug-50 02:01:18 GMT",
             "Thu Aug 18 02:01:18 2050",
             "THU, 18 Aug 2050 02:01:18 GMT",
             "Thu, 18 AUG 2050 02:01:18 GMT",
             "Thu, 18 Aug 2050 02:01:18 gmt",
             "Sun, 21 Nov 2286 04:46:39 GMT"}) {
        EXPECT_TRUE(evaluate(fields({{"Expires", date}})).is_fresh(noon)) << date;
    }
    for (const auto* date : {"Thu, 18 Aug 2050 02:01:18 UTC",
             "Thu, 18 Aug 2050 02:01:18 AEST",
             "Thu, 18 Aug 50 02:01:18 GMT",
             "Thu 18 Aug 2050 02:01:18 GMT",
             "Thu, 18  Aug  2050 02:01:18 GMT",
             "Thu, 18-Aug-2050 02:01:18 GMT",
             "Thu, 18 Aug 2050 02.01.18 GMT",
             "Thu, 18 Aug 2050 2:01:18 GMT"}) {
        EXPECT_FALSE(evaluate(fields({{"Expires", date}})).is_fresh(noon)) << date;
    }
}

// RFC 9213: what is meant for caches in front of sites stands for Cache-Control and Expires.
TEST(FreshnessTest, TargetedDirectivesStandForAllOthers)
{
    const std::string past = date_at(noon - 1h);
    const std::string future = date_at(noon + 2h);
    struct
    {
        std::string_view what;
        field_section response;
        std::chrono::seconds fresh_for;
    } const cases[] = {
        {"alone", fields({{"CDN-Cache-Control", "max-age=3600"}}), 3600s},
        {"a large value is clamped",
            fields({{"CDN-Cache-Control", "max-age=99999999999"}}),
            max_delta_seconds},
        {"unknown member beside it", fields({{"CDN-Cache-Control", "foo, max-age=3600"}}), 3600s},
        {"over two lines",
            fields({{"CDN-Cache-Control", "foo"}, {"CDN-Cache-Control", "max-age=60"}}),
            60s},
        {"beats a past Expires",
            fields({{"CDN-Cache-Control", "max-age=3600"}, {"Expires", past}}),
            3600s},
        {"beats an invalid Expires",
            fields({{"CDN-Cache-Control", "max-age=3600"}, {"Expires", "0"}}),
            3600s},
        {"longer than max-age",
            fields({{"Cache-Control", "max-age=1"}, {"CDN-Cache-Control", "max-age=3600"}}),
            3600s},
        {"shorter than max-age",
            fields({{"Cache-Control", "max-age=3600"}, {"CDN-Cache-Control", "max-age=1"}}),
            1s},
        {"zero", fields({{"Cache-Control", "max-age=60"}, {"CDN-Cache-Control", "max-age=0"}}), 0s},
        {"negative",
            fields({{"Cache-Control", "max-age=60"}, {"CDN-Cache-Control", "max-age=-1"}}),
            0s},
        {"no lifetime in it: Expires does not help",
            fields({{"CDN-Cache-Control", "foo"}, {"Expires", future}}),
            0s},
        {"fresh although Cache-Control says no-cache",
            fields({{"Cache-Control", "no-cache"}, {"CDN-Cache-Control", "max-age=60"}}),
            60s},
        {"no dictionary: ignored as a whole",
            fields({{"Cache-Control", "max-age=60"}, {"CDN-Cache-Control", "max-age=1, &&&&&"}}),
            60s},
        {"of another type: ignored as a whole",
            fields({{"Cache-Control", "max-age=60"}, {"CDN-Cache-Control", "max-age=\"1\""}}),
            60s},
        {"upper case is no key: ignored as a whole",
            fields({{"Cache-Control", "max-age=60"}, {"CDN-Cache-Control", "MaX-aGe=1"}}),
            60s},
        {"a blank before the equals sign: ignored as a whole",
            fields({{"Cache-Control", "max-age=60"}, {"CDN-Cache-Control", "max-age =1"}}),
            60s},
        {"empty: ignored",
            fields({{"Cache-Control", "max-age=60"}, {"CDN-Cache-Control", ""}}),
            60s},
    };
    for (const auto& [what, response, expected] : cases) {
        EXPECT_EQ(fresh_for(response), expected) << what;
    }
    const auto no_cache = evaluate(
        fields({{"Cache-Control", "max-age=60"}, {"CDN-Cache-Control", "no-cache, max-age=60"}}));
    EXPECT_TRUE(no_cache.always_validate);
    EXPECT_TRUE(no_cache.stale_forbidden);
    EXPECT_FALSE(evaluate(fields({{"Cache-Control", "must-revalidate"},
                              {"CDN-Cache-Control", "no-cache=?0, max-age=60"}}))
                     .stale_forbidden);
}

TEST(FreshnessTest, OutdatedIsStaleButMayBeServedWhereNothingForbidsIt)
{
    stored_response response =
        stored(fields({{"Cache-Control", "max-age=60, stale-while-revalidate=30"}}));
    response.outdated = true;
    const freshness soft = evaluate_freshness(response);
    EXPECT_FALSE(soft.is_fresh(response.response_time));
    EXPECT_FALSE(soft.always_validate);
    EXPECT_FALSE(soft.stale_forbidden);
    EXPECT_EQ(soft.refresh_window, 30s);
    response = stored(fields({{"Cache-Control", "max-age=60, must-revalidate"}}));
    response.outdated = true;
    EXPECT_TRUE(evaluate_freshness(response).stale_forbidden);
}

}  // namespace
}  // namespace cache
