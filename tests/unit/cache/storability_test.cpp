#include "cache/policy/storability.hpp"

#include "tests/unit/cache/builders.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace cache {
namespace {

using namespace std::chrono_literals;
using boost::beast::http::verb;
using support::date_at;
using support::exchange;
using support::fields;
using support::noon;
using support::stored;

not_stored_reason decide(const field_section& request,
    const field_section& response,
    unsigned status = 200,
    request_directives directives = request_directives::honoured)
{
    const exchange_view seen = exchange(request, response, status);
    return storable(seen, evaluate_freshness(make_stored_response(seen)), directives);
}

not_stored_reason decide(const field_section& response, unsigned status = 200)
{
    return decide({}, response, status);
}

using enum not_stored_reason;

struct judgement
{
    std::string_view what;
    field_section request;
    field_section response;
    not_stored_reason reason;
};

// RFC 9111, sections 3, 3.5, 4.1 and 5.2.2.
const judgement judgements[] = {
    {"max-age", {}, fields({{"Cache-Control", "max-age=60"}}), none},
    {"Expires", {}, fields({{"Expires", date_at(noon + 1h)}}), none},
    {"no-store", {}, fields({{"Cache-Control", "max-age=60, no-store"}}), no_store},
    {"No-StOrE", {}, fields({{"Cache-Control", "No-StOrE, max-age=60"}}), no_store},
    {"no-store on another line",
        {},
        fields({{"Cache-Control", "max-age=60"}, {"Cache-Control", "no-store"}}),
        no_store},
    {"no-store for this kind of cache",
        {},
        fields({{"Cache-Control", "max-age=60"}, {"CDN-Cache-Control", "no-store"}}),
        no_store},
    {"private for this kind of cache",
        {},
        fields({{"Cache-Control", "max-age=60"}, {"CDN-Cache-Control", "max-age=60, private"}}),
        is_private},
    {"private of named fields for this kind of cache",
        {},
        fields({{"CDN-Cache-Control", "max-age=60, private=\"a\""}}),
        is_private},
    {"no-store for others",
        {},
        fields({{"Cache-Control", "no-store"}, {"CDN-Cache-Control", "max-age=60"}}),
        none},
    {"public is of no type that it could have",
        {},
        fields({{"Cache-Control", "no-store"}, {"CDN-Cache-Control", "max-age=60, public=1"}}),
        no_store},
    {"no-store in quotes is none",
        {},
        fields({{"Cache-Control", "max-age=60, a=\"no-store\""}}),
        none},
    {"private", {}, fields({{"Cache-Control", "private, max-age=60"}}), is_private},
    {"PrIvAtE", {}, fields({{"Cache-Control", "max-age=60, PrIvAtE"}}), is_private},
    {"private for some fields",
        {},
        fields({{"Cache-Control", "private=\"Set-Cookie\", max-age=60"}}),
        is_private},
    {"no-cache and no validator", {}, fields({{"Cache-Control", "no-cache, max-age=60"}}), expired},
    {"no-cache and a validator",
        {},
        fields({{"Cache-Control", "no-cache, max-age=60"}, {"ETag", "\"a\""}}),
        none},
    {"nothing known", {}, fields({{"Content-Type", "text/plain"}}), expired},
    {"a tag alone", {}, fields({{"ETag", "W/\"a\""}}), none},
    {"a malformed tag alone", {}, fields({{"ETag", "a"}}), expired},
    {"a date alone", {}, fields({{"Last-Modified", date_at(noon)}}), none},
    {"expired without validator", {}, fields({{"Cache-Control", "max-age=0"}}), expired},
    {"expired with validator",
        {},
        fields({{"Cache-Control", "max-age=0"}, {"ETag", "\"a\""}}),
        none},
    {"too old already", {}, fields({{"Cache-Control", "max-age=60"}, {"Age", "60"}}), expired},
    {"Vary: *", {}, fields({{"Cache-Control", "max-age=60"}, {"Vary", "*"}}), vary},
    {"Vary: Foo, *", {}, fields({{"Cache-Control", "max-age=60"}, {"Vary", "Foo, *"}}), vary},
    {"Vary: Foo", {}, fields({{"Cache-Control", "max-age=60"}, {"Vary", "Foo"}}), none},
    {"Authorization",
        fields({{"Authorization", "Basic eA=="}}),
        fields({{"Cache-Control", "max-age=60"}}),
        authorization},
    {"Authorization and public",
        fields({{"Authorization", "Basic eA=="}}),
        fields({{"Cache-Control", "max-age=60, public"}}),
        none},
    {"Authorization and must-revalidate",
        fields({{"Authorization", "Basic eA=="}}),
        fields({{"Cache-Control", "max-age=60, must-revalidate"}}),
        none},
    {"Authorization and s-maxage",
        fields({{"Authorization", "Basic eA=="}}),
        fields({{"Cache-Control", "s-maxage=60"}}),
        none},
    {"Authorization and private",
        fields({{"Authorization", "Basic eA=="}}),
        fields({{"Cache-Control", "public, private, max-age=60"}}),
        is_private},
    {"Cookie and a stated lifetime",
        fields({{"Cookie", "a=1"}}),
        fields({{"Cache-Control", "max-age=60"}}),
        none},
    {"Set-Cookie and a stated lifetime",
        {},
        fields({{"Cache-Control", "max-age=60"}, {"Set-Cookie", "a=1"}}),
        none},
    {"Cookie and a heuristic lifetime",
        fields({{"Cookie", "a=1"}}),
        fields({{"Last-Modified", date_at(noon - 24h)}}),
        personal},
    {"Set-Cookie and a tag", {}, fields({{"ETag", "\"a\""}, {"Set-Cookie", "a=1"}}), personal},
    {"must-understand beside no-store",
        {},
        fields({{"Cache-Control", "max-age=60, no-store, must-understand"}}),
        none},
    {"Pragma means nothing",
        {},
        fields({{"Cache-Control", "max-age=60"}, {"Pragma", "no-cache"}}),
        none},
};

TEST(StorabilityTest, FollowsWhatRequestAndResponseSay)
{
    for (const auto& c : judgements) {
        EXPECT_EQ(decide(c.request, c.response), c.reason)
            << c.what << ": " << explain(decide(c.request, c.response));
    }
}

TEST(StorabilityTest, OnlyTheAnswerToAGetIsStored)
{
    const field_section request;
    const auto response = fields({{"Cache-Control", "max-age=60"}});
    for (const verb method : {verb::head, verb::post, verb::put, verb::options, verb::unknown}) {
        exchange_view seen = exchange(request, response);
        seen.method = method;
        EXPECT_EQ(
            storable(
                seen, evaluate_freshness(make_stored_response(seen)), request_directives::ignored),
            not_stored_reason::method);
    }
}

// RFC 9111, section 3: final statuses; answers to conditions and ranges are about one request.
TEST(StorabilityTest, StatusMustBeFinalAndOfTheWholeResource)
{
    const auto response = fields({{"Cache-Control", "max-age=60"}, {"ETag", "\"a\""}});
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
        EXPECT_EQ(decide(response, status), not_stored_reason::none) << status;
    }
    const auto stale = fields({{"Cache-Control", "max-age=0"}, {"ETag", "\"a\""}});
    EXPECT_EQ(decide(stale, 200), not_stored_reason::none);
    EXPECT_EQ(decide(stale, 503), not_stored_reason::expired);
    for (const unsigned status : {100U, 101U, 103U, 206U, 304U, 412U, 416U, 417U}) {
        EXPECT_EQ(decide(response, status), not_stored_reason::status) << status;
    }
}

// RFC 9111, section 5.2.2.3.
TEST(StorabilityTest, MustUnderstandForbidsUnknownStatuses)
{
    const auto response = fields({{"Cache-Control", "max-age=60, no-store, must-understand"}});
    for (const unsigned status : {200U, 301U, 404U, 451U, 503U, 511U}) {
        EXPECT_EQ(decide(response, status), not_stored_reason::none) << status;
    }
    for (const unsigned status : {299U, 499U, 599U}) {
        EXPECT_EQ(decide(response, status), not_stored_reason::must_understand) << status;
    }
}

// RFC 9111, section 5.2.1.5.
TEST(StorabilityTest, RequestNoStoreCountsWhereRequestDirectivesDo)
{
    const auto request = fields({{"Cache-Control", "no-store"}});
    const auto response = fields({{"Cache-Control", "max-age=60"}});
    EXPECT_EQ(decide(request, response, 200, request_directives::honoured),
        not_stored_reason::request_no_store);
    EXPECT_EQ(decide(request, response, 200, request_directives::ignored), not_stored_reason::none);
}

TEST(StorabilityTest, PassingErrorNeedsAStatedLifetime)
{
    const auto validator = fields({{"ETag", "\"a\""}, {"Last-Modified", date_at(noon - 24h)}});
    for (const unsigned status : {400U,
             403U,
             405U,
             408U,
             413U,
             414U,
             421U,
             429U,
             431U,
             500U,
             501U,
             502U,
             503U,
             504U,
             599U}) {
        EXPECT_EQ(decide(validator, status), not_stored_reason::expired) << status;
    }
    EXPECT_EQ(decide(validator, 404), not_stored_reason::none);
    EXPECT_EQ(decide(validator, 410), not_stored_reason::none);
}

// What an attacker can provoke with a header of his own must not replace the page.
TEST(StorabilityTest, PassingErrorNeverReplacesAGoodResponse)
{
    const field_section request;
    const auto response = fields({{"Cache-Control", "max-age=60"}});
    const stored_response good = stored(response);
    const stored_response bad = stored(response, {}, 503);
    const auto decide_beside = [&](unsigned status, const stored_response& there) {
        const exchange_view seen = exchange(request, response, status);
        return storable(seen,
            evaluate_freshness(make_stored_response(seen)),
            request_directives::ignored,
            &there);
    };
    for (const unsigned status :
        {400U, 403U, 405U, 408U, 413U, 414U, 421U, 429U, 431U, 500U, 502U, 503U, 504U, 599U}) {
        EXPECT_EQ(decide_beside(status, good), not_stored_reason::error_keeps_stored) << status;
        EXPECT_EQ(decide_beside(status, bad), not_stored_reason::none) << status;
    }
    for (const unsigned status : {200U, 301U, 404U, 410U}) {
        EXPECT_EQ(decide_beside(status, good), not_stored_reason::none) << status;
    }
}

TEST(StorabilityTest, EachReasonHasItsOwnSentenceAndToken)
{
    std::set<std::string_view> sentences;
    std::set<std::string_view> tokens;
    const auto last = static_cast<unsigned>(not_stored_reason::error_keeps_stored);
    for (unsigned i = 0; i <= last; ++i) {
        const auto reason = static_cast<not_stored_reason>(i);
        sentences.insert(explain(reason));
        tokens.insert(token_of(reason));
        EXPECT_EQ(reason == not_stored_reason::none, token_of(reason).empty());
        EXPECT_TRUE(token_of(reason).empty() || is_token(token_of(reason)));
    }
    EXPECT_EQ(sentences.size(), last + 1);
    EXPECT_EQ(tokens.size(), last + 1);
}

// RFC 9110, section 9.3.3.
TEST(StorabilityTest, AnswerToAPostServesGetsIfItIsTheResource)
{
    using boost::beast::http::verb;
    const request_uri_view uri{"http", "a.example", 80, "/a?b"};
    freshness known;
    known.is_explicit = true;
    const auto same = fields({{"Content-Location", "/a?b"}});
    EXPECT_TRUE(answers_later_gets(verb::post, 200, same, uri, known));
    EXPECT_TRUE(answers_later_gets(
        verb::post, 200, fields({{"Content-Location", "http://A.example/a?b"}}), uri, known));
    EXPECT_FALSE(answers_later_gets(verb::post, 200, same, uri, freshness{}));
    EXPECT_FALSE(answers_later_gets(verb::post, 201, same, uri, known));
    EXPECT_FALSE(answers_later_gets(verb::put, 200, same, uri, known));
    EXPECT_FALSE(answers_later_gets(verb::post, 200, {}, uri, known));
    for (const auto* elsewhere : {"/a", "/a?c", "http://b.example/a?b", "https://a.example/a?b"}) {
        EXPECT_FALSE(answers_later_gets(
            verb::post, 200, fields({{"Content-Location", elsewhere}}), uri, known))
            << elsewhere;
    }
    EXPECT_FALSE(answers_later_gets(verb::post,
        200,
        fields({{"Content-Location", "/a?b"}, {"Content-Location", "/a?b"}}),
        uri,
        known));
}

}  // namespace
}  // namespace cache
