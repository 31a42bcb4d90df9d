#include "cache/policy/sharing.hpp"

#include "tests/unit/cache/builders.hpp"

#include <gtest/gtest.h>

namespace cache {
namespace {

using namespace std::chrono_literals;
using support::date_at;
using support::exchange;
using support::fields;
using support::noon;

TEST(SharingTest, PlainRequestHoldsNothingOfOneClient)
{
    for (const auto* name : {"Host",
             "User-Agent",
             "Accept",
             "Accept-Encoding",
             "Accept-Language",
             "accept-charset",
             "Referer",
             "Origin",
             "Sec-Fetch-Mode",
             "sec-ch-ua",
             "DNT",
             "Upgrade-Insecure-Requests",
             "Priority",
             "Range",
             "If-None-Match",
             "If-Modified-Since",
             "If-Range",
             "Cache-Control",
             "Pragma",
             "Connection",
             "Keep-Alive",
             "Proxy-Connection",
             "TE",
             "Upgrade",
             "HTTP2-Settings"}) {
        EXPECT_TRUE(is_plain(fields({{"Host", "a"}, {name, "x"}}))) << name;
    }
    for (const auto* name : {"Authorization",
             "Proxy-Authorization",
             "Cookie",
             "Cookie2",
             "X-Api-Key",
             "X-Forwarded-For",
             "X-Forwarded-Host",
             "X-HTTP-Method-Override",
             "X-Original-URL",
             "Forwarded",
             "Via",
             "CDN-Loop",
             "Content-Length",
             "Transfer-Encoding",
             "Expect",
             "If-Match",
             "If-Unmodified-Since",
             "From",
             "DNT2",
             "Section",
             "AcceptX",
             "Pacote-Integrity"}) {
        EXPECT_FALSE(is_plain(fields({{"Host", "a"}, {name, "x"}}))) << name;
    }
}

TEST(SharingTest, CanonicalRequestKeepsOnlyWhatIsInTheKey)
{
    const auto request = fields({{"Host", "a"},
        {"User-Agent", "x"},
        {"Accept", "text/html"},
        {"Accept-Encoding", "br;q=0.5, zstd, gzip"},
        {"Accept-Language", "de"},
        {"Origin", "https://b.example"},
        {"Referer", "https://b.example/secret"},
        {"Range", "bytes=0-1"},
        {"If-None-Match", "\"a\""},
        {"Cache-Control", "no-cache"},
        {"DNT", "1"}});
    EXPECT_EQ(canonical_request(request),
        fields(
            {{"Accept", "*/*"}, {"Accept-Encoding", "br, gzip"}, {"Origin", "https://b.example"}}));
    EXPECT_EQ(canonical_request({}), fields({{"Accept", "*/*"}, {"Accept-Encoding", "identity"}}));
}

TEST(SharingTest, VaryOnADroppedFieldCallsForTheClientsOwnRequest)
{
    for (const auto* value : {"", "Accept-Encoding", "accept-ENCODING, Origin"}) {
        EXPECT_FALSE(depends_on_dropped_field(fields({{"Vary", value}}))) << value;
    }
    for (const auto* value :
        {"Accept", "Accept-Encoding, Accept-Language", "User-Agent", "Cookie", "*", "X"}) {
        EXPECT_TRUE(depends_on_dropped_field(fields({{"Vary", value}}))) << value;
    }
    EXPECT_FALSE(depends_on_dropped_field({}));
}

TEST(SharingTest, OnlyPublicResponsesWithAStatedLifetimeAreTrusted)
{
    struct
    {
        std::string_view what;
        field_section request;
        field_section response;
        unsigned status;
        bool trusted;
    } const cases[] = {
        {"max-age", {}, fields({{"Cache-Control", "max-age=60"}}), 200, true},
        {"Expires", {}, fields({{"Expires", date_at(noon + 1h)}}), 200, true},
        {"redirect", {}, fields({{"Cache-Control", "max-age=60"}}), 301, true},
        {"Vary: Accept-Encoding",
            {},
            fields({{"Cache-Control", "max-age=60"}, {"Vary", "Accept-Encoding"}}),
            200,
            true},
        {"heuristic", {}, fields({{"Last-Modified", date_at(noon - 24h)}}), 200, false},
        {"expired", {}, fields({{"Cache-Control", "max-age=0"}, {"ETag", "\"a\""}}), 200, false},
        {"no-cache", {}, fields({{"Cache-Control", "max-age=60, no-cache"}}), 200, false},
        {"private", {}, fields({{"Cache-Control", "max-age=60, private"}}), 200, false},
        {"no-store",
            {},
            fields({{"Cache-Control", "max-age=60, no-store, must-understand"}}),
            200,
            false},
        {"Set-Cookie",
            {},
            fields({{"Cache-Control", "public, max-age=60"}, {"Set-Cookie", "a=1"}}),
            200,
            false},
        {"Cookie",
            fields({{"Cookie", "a=1"}}),
            fields({{"Cache-Control", "public, max-age=60"}}),
            200,
            false},
        {"Authorization",
            fields({{"Authorization", "x"}}),
            fields({{"Cache-Control", "public, max-age=60"}}),
            200,
            false},
        {"unknown field",
            fields({{"X", "x"}}),
            fields({{"Cache-Control", "max-age=60"}}),
            200,
            false},
        {"Vary: Cookie",
            {},
            fields({{"Cache-Control", "max-age=60"}, {"Vary", "Cookie"}}),
            200,
            false},
        {"not found", {}, fields({{"Cache-Control", "max-age=60"}}), 404, false},
        {"error", {}, fields({{"Cache-Control", "max-age=60"}}), 503, false},
        {"interim", {}, fields({{"Cache-Control", "max-age=60"}}), 103, false},
    };
    for (const auto& c : cases) {
        const exchange_view seen = exchange(c.request, c.response, c.status);
        const freshness fresh = evaluate_freshness(make_stored_response(seen));
        EXPECT_EQ(
            classify(seen, fresh), c.trusted ? sharing_class::trusted : sharing_class::node_local)
            << c.what;
    }
}

TEST(SharingTest, IndexVariantIsTheCodingClassWhereTheAnswerDependsOnIt)
{
    const auto request = fields({{"Accept-Encoding", "gzip"}});
    EXPECT_EQ(index_variant(request, {}), "");
    EXPECT_EQ(index_variant(request, fields({{"Vary", "Origin"}})), "");
    EXPECT_EQ(index_variant(request, fields({{"Vary", "Origin, accept-encoding"}})), "gzip");
    EXPECT_EQ(index_variant({}, fields({{"Vary", "Accept-Encoding"}})), "identity");
}

}  // namespace
}  // namespace cache
