#include "cache/policy/reuse.hpp"

#include "tests/unit/cache/builders.hpp"

#include <gtest/gtest.h>

namespace cache {
namespace {

using namespace std::chrono_literals;
using support::fields;
using support::noon;
using support::stored;

constexpr reuse_decision serve{reuse_action::serve, forward_reason::none, false};

reuse_decision decide(const field_section& request,
    std::string_view response_cache_control,
    std::chrono::seconds later,
    request_directives directives = request_directives::honoured)
{
    const auto response =
        stored(fields({{"Cache-Control", response_cache_control}, {"ETag", "\"a\""}}));
    return decide_reuse(request, response, evaluate_freshness(response), directives, noon + later);
}

// RFC 9111, sections 4 and 4.2.4.
TEST(ReuseTest, FreshIsServedAndStaleIsValidated)
{
    const reuse_decision validate_or_stale{reuse_action::validate, forward_reason::stale, true};
    const reuse_decision validate_or_fail{reuse_action::validate, forward_reason::stale, false};
    struct
    {
        std::string_view response;
        std::chrono::seconds later;
        reuse_decision expected;
    } const cases[] = {
        {"max-age=60", 0s, serve},
        {"max-age=60", 59s, serve},
        {"max-age=60", 60s, validate_or_stale},
        {"max-age=60", 1h, validate_or_stale},
        {"max-age=60, must-revalidate", 59s, serve},
        {"max-age=60, must-revalidate", 60s, validate_or_fail},
        {"max-age=60, proxy-revalidate", 60s, validate_or_fail},
        {"s-maxage=60", 59s, serve},
        {"s-maxage=60", 60s, validate_or_fail},
        {"max-age=60, no-cache", 0s, validate_or_fail},
        {"no-cache", 0s, validate_or_fail},
        {"ext", 0s, validate_or_stale},
    };
    for (const auto& c : cases) {
        EXPECT_EQ(decide({}, c.response, c.later), c.expected) << c.response << c.later.count();
    }
}

// RFC 9111, section 5.2.1, for a response that is fresh for 60 s.
TEST(ReuseTest, RequestDirectivesAreHonoured)
{
    const reuse_decision requested{reuse_action::validate, forward_reason::request, false};
    const reuse_decision went_stale{reuse_action::validate, forward_reason::stale, false};
    const reuse_decision stands_in{reuse_action::validate, forward_reason::stale, true};
    const reuse_decision refused{reuse_action::refuse, forward_reason::stale, false};
    struct
    {
        std::string_view request;
        std::chrono::seconds later;
        reuse_decision expected;
    } const cases[] = {
        {"no-cache", 10s, requested},
        {"no-cache", 70s, went_stale},
        {"max-age=0", 0s, serve},
        {"max-age=0", 1s, requested},
        {"max-age=10", 10s, serve},
        {"max-age=10", 11s, requested},
        {"max-age=x", 11s, requested},
        {"max-age=100", 70s, went_stale},
        {"max-age=100, max-stale", 70s, serve},
        {"max-age=65, max-stale", 70s, stands_in},
        {"min-fresh=50", 10s, serve},
        {"min-fresh=50", 11s, requested},
        {"min-fresh=50", 61s, went_stale},
        {"max-stale", 1000s, serve},
        {"max-stale=10", 70s, serve},
        {"max-stale=10", 71s, stands_in},
        {"max-stale, no-cache", 70s, went_stale},
        {"no-store", 10s, serve},
        {"no-store", 70s, stands_in},
        {"only-if-cached", 10s, serve},
        {"only-if-cached", 70s, refused},
        {"only-if-cached, max-stale", 70s, serve},
        {"only-if-cached, no-cache", 10s, {reuse_action::refuse, forward_reason::request, false}},
    };
    for (const auto& c : cases) {
        EXPECT_EQ(decide(fields({{"Cache-Control", c.request}}), "max-age=60", c.later), c.expected)
            << c.request << " " << c.later.count();
    }
}

// RFC 5861, section 3.
TEST(ReuseTest, WhileItIsRefreshedAStaleResponseIsServedForAsLongAsItSays)
{
    struct
    {
        std::string_view response;
        std::string_view request;
        std::chrono::seconds later;
        reuse_action expected;
    } const cases[] = {
        {"max-age=60, stale-while-revalidate=30", "", 59s, reuse_action::serve},
        {"max-age=60, stale-while-revalidate=30", "", 60s, reuse_action::refresh},
        {"max-age=60, stale-while-revalidate=30", "", 89s, reuse_action::refresh},
        {"max-age=60, stale-while-revalidate=30", "", 90s, reuse_action::validate},
        {"max-age=60, stale-while-revalidate", "", 60s, reuse_action::validate},
        {"max-age=60, stale-while-revalidate=x", "", 60s, reuse_action::validate},
        {"max-age=60, stale-while-revalidate=30", "no-cache", 60s, reuse_action::validate},
        {"max-age=60, stale-while-revalidate=30", "max-age=999", 60s, reuse_action::validate},
        {"max-age=60, stale-while-revalidate=30", "min-fresh=1", 60s, reuse_action::validate},
        {"max-age=60, stale-while-revalidate=30", "only-if-cached", 60s, reuse_action::refuse},
        {"max-age=60, stale-while-revalidate=30", "max-stale=5", 60s, reuse_action::serve},
        {"max-age=60, stale-while-revalidate=30, must-revalidate", "", 60s, reuse_action::validate},
        {"s-maxage=60, stale-while-revalidate=30", "", 60s, reuse_action::validate},
        {"no-cache, max-age=60, stale-while-revalidate=30", "", 10s, reuse_action::validate},
    };
    for (const auto& c : cases) {
        const auto request =
            c.request.empty() ? field_section{} : fields({{"Cache-Control", c.request}});
        EXPECT_EQ(decide(request, c.response, c.later).action, c.expected)
            << c.response << " | " << c.request << " " << c.later.count();
    }
}

TEST(ReuseTest, MaxStaleDoesNotOverrideWhatTheResponseForbids)
{
    const auto request = fields({{"Cache-Control", "max-stale"}});
    for (const auto* response : {"max-age=60, must-revalidate",
             "max-age=60, proxy-revalidate",
             "s-maxage=60",
             "max-age=600, no-cache"}) {
        EXPECT_EQ(decide(request, response, 70s).action, reuse_action::validate) << response;
    }
}

TEST(ReuseTest, RequestDirectivesAreIgnoredInFrontOfASite)
{
    for (const auto* value :
        {"no-cache", "max-age=0", "min-fresh=1000", "no-store", "only-if-cached"}) {
        const auto request = fields({{"Cache-Control", value}});
        EXPECT_EQ(decide(request, "max-age=60", 10s, request_directives::ignored), serve) << value;
        EXPECT_TRUE(decide(request, "max-age=60", 70s, request_directives::ignored).stale_if_failed)
            << value;
        EXPECT_EQ(
            decide_miss(request, request_directives::ignored, false).action, reuse_action::fetch);
    }
}

// RFC 9111, section 5.4.
TEST(ReuseTest, PragmaIsIgnored)
{
    EXPECT_EQ(decide(fields({{"Pragma", "no-cache"}}), "max-age=60", 10s), serve);
}

// RFC 9110, sections 13.1.1 and 13.1.4.
TEST(ReuseTest, ConditionsForTheOriginGoToTheOrigin)
{
    for (const auto* name : {"If-Match", "If-Unmodified-Since"}) {
        EXPECT_EQ(decide(fields({{name, "\"a\""}}), "max-age=60", 10s),
            (reuse_decision{reuse_action::fetch, forward_reason::request, false}))
            << name;
    }
}

TEST(ReuseTest, MissNamesItsReasonAndObeysOnlyIfCached)
{
    const auto cached_only = fields({{"Cache-Control", "only-if-cached"}});
    using enum forward_reason;
    EXPECT_EQ(decide_miss({}, request_directives::honoured, false),
        (reuse_decision{reuse_action::fetch, uri_miss, false}));
    EXPECT_EQ(decide_miss({}, request_directives::honoured, true),
        (reuse_decision{reuse_action::fetch, vary_miss, false}));
    EXPECT_EQ(decide_miss(cached_only, request_directives::honoured, false),
        (reuse_decision{reuse_action::refuse, uri_miss, false}));
}

TEST(ReuseTest, PlainHitIsFreshAndAsksForNothingElse)
{
    const freshness fresh = evaluate_freshness(stored(fields({{"Cache-Control", "max-age=60"}})));
    const auto browser = fields({{"Host", "a"}, {"User-Agent", "x"}, {"Pragma", "no-cache"}});
    EXPECT_TRUE(is_plain_hit(browser, fresh, request_directives::honoured, noon));
    EXPECT_FALSE(is_plain_hit(browser, fresh, request_directives::honoured, noon + 60s));
    for (const auto* name : {"If-Match",
             "If-Modified-Since",
             "If-None-Match",
             "If-Range",
             "If-Unmodified-Since",
             "Range"}) {
        EXPECT_FALSE(is_plain_hit(fields({{name, "x"}}), fresh, request_directives::ignored, noon))
            << name;
    }
    const auto reload = fields({{"Cache-Control", "no-cache"}});
    EXPECT_FALSE(is_plain_hit(reload, fresh, request_directives::honoured, noon));
    EXPECT_TRUE(is_plain_hit(reload, fresh, request_directives::ignored, noon));
}

TEST(ReuseTest, FailureIsWhatStaleMayCover)
{
    for (const unsigned status : {500U, 502U, 503U, 504U}) {
        EXPECT_TRUE(is_failure(status)) << status;
    }
    for (const unsigned status : {200U, 304U, 404U, 429U, 501U, 505U, 599U}) {
        EXPECT_FALSE(is_failure(status)) << status;
    }
}

// RFC 9211, section 2.2.
TEST(ReuseTest, ForwardReasonsHaveTheTokensOfCacheStatus)
{
    EXPECT_EQ(token_of(forward_reason::none), "");
    EXPECT_EQ(token_of(forward_reason::bypass), "bypass");
    EXPECT_EQ(token_of(forward_reason::method), "method");
    EXPECT_EQ(token_of(forward_reason::uri_miss), "uri-miss");
    EXPECT_EQ(token_of(forward_reason::vary_miss), "vary-miss");
    EXPECT_EQ(token_of(forward_reason::request), "request");
    EXPECT_EQ(token_of(forward_reason::stale), "stale");
}

}  // namespace
}  // namespace cache
