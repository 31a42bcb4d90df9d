// What is stored, what is reused only after validation, what is served stale (RFC 9111, sections 3,
// 3.5, 4.2.4, 5.2; RFC 5861), and what a reused response looks like.

#include "tests/wire/caching/caching_site.hpp"

#include <thread>

namespace proxy {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

class StoringCachingTest : public CachingTest
{
};

ATOLL_FOR_EACH_WAY_IN(StoringCachingTest);

const std::string fresh = "Cache-Control: max-age=3600";

// RFC 9111, section 5.2.2.

TEST_P(StoringCachingTest, PrivateAndNoStoreAreNotStored)
{
    for (const char* const directive : {"private", "PrIvAtE", "no-store", "No-StOrE"}) {
        const std::string said = std::string("Cache-Control: ") + directive;
        EXPECT_FALSE(is_reused({said})) << directive;
        EXPECT_FALSE(is_reused({said + ", max-age=3600"})) << directive;
        EXPECT_FALSE(is_reused({said, "Expires: " + http_date(hours{1})})) << directive;
    }
}

TEST_P(StoringCachingTest, OlderResponseServesOnWhenANewerOneIsNotStored)
{
    const std::string path = new_page();
    will_answer(path,
        {{.fields = {fresh, "Vary: Foo"}}, {.fields = {"Cache-Control: no-store", "Vary: Foo"}}});
    const support::http_response first = ask({.path = path, .fields = {"Foo: 1"}});
    ask({.path = path, .fields = {"Foo: 2"}});
    EXPECT_EQ(ask({.path = path, .fields = {"Foo: 1"}}).body, first.body);
}

TEST_P(StoringCachingTest, NoCacheIsStoredAndValidated)
{
    for (const char* const directive : {"no-cache", "No-CaChE", "no-cache, max-age=3600"}) {
        const std::string path = new_page();
        const std::string said = std::string("Cache-Control: ") + directive;
        will_answer(
            path, {{.fields = {said, "ETag: \"a\""}}, {.status = 304, .fields = {"ETag: \"a\""}}});
        const support::http_response first = ask({.path = path});
        const support::http_response again = ask({.path = path});
        EXPECT_EQ(again.body, first.body) << directive;
        EXPECT_EQ(times_asked(path), 2U) << directive;
        EXPECT_NE(last_head(path).find("If-None-Match: \"a\"\r\n"), std::string::npos);
    }
}

TEST_P(StoringCachingTest, MustRevalidateIsReusedWhileFreshAndValidatedWhenStale)
{
    EXPECT_TRUE(is_reused({"Cache-Control: max-age=3600, must-revalidate"}));
    EXPECT_FALSE(
        is_reused({"Cache-Control: max-age=3600, must-revalidate", "Age: 3600", "ETag: \"a\""}));
}

TEST_P(
    StoringCachingTest, NoCacheWithFieldNamesRestrictsTheWholeResponse)  // decided: as most caches
{
    EXPECT_FALSE(is_reused({"Cache-Control: no-cache=\"a, b\", max-age=3600", "A: 1"}));
    EXPECT_FALSE(is_reused({"Cache-Control: private=\"a\", max-age=3600", "A: 1"}));
}

TEST_P(StoringCachingTest, MustUnderstandOverridesNoStoreForKnownStatusesOnly)  // section 5.2.2.3
{
    const field_lines said = {"Cache-Control: max-age=3600, no-store, must-understand"};
    EXPECT_TRUE(is_reused(said));
    EXPECT_FALSE(is_reused(said, {}, {}, 599));
}

// RFC 9111, section 4.2.4; RFC 5861.

TEST_P(StoringCachingTest, StaleIsServedWhenTheOriginFails)
{
    for (const char* const directives : {"max-age=10", "max-age=10, stale-if-error=60"}) {
        const field_lines stale = {
            std::string("Cache-Control: ") + directives, "Age: 11", "ETag: \"a\""};
        for (const origin_answer& failure :
            {origin_answer{.breaks_off = true}, origin_answer{.status = 503}}) {
            const std::string path = new_page();
            will_answer(path, {{.fields = stale}, failure});
            const support::http_response first = ask({.path = path});
            const support::http_response again = ask({.path = path});
            EXPECT_EQ(again.status, 200U);
            EXPECT_EQ(again.body, first.body);
            EXPECT_EQ(times_asked(path) > 1, true);
            EXPECT_EQ(again.field("Warning"), "");  // obsolete (section 5.5)
            EXPECT_GE(std::stoi(again.field("Age")), 11);
        }
    }
}

TEST_P(StoringCachingTest, ResponseThatBecameStaleHereIsServedWhenTheOriginFails)
{
    const std::string path = new_page();
    will_answer(path, {{.fields = {"Cache-Control: max-age=1"}}, {.breaks_off = true}});
    const support::http_response first = ask({.path = path});
    std::this_thread::sleep_for(std::chrono::milliseconds{1'100});
    EXPECT_EQ(ask({.path = path}).body, first.body);
}

TEST_P(StoringCachingTest, StaleIsNeverServedWhereTheResponseForbidsIt)
{
    for (const char* const directives : {"max-age=10, must-revalidate",
             "max-age=10, proxy-revalidate",
             "max-age=10, no-cache",
             "s-maxage=10"}) {
        const std::string path = new_page();
        will_answer(path,
            {{.fields = {std::string("Cache-Control: ") + directives, "Age: 11", "ETag: \"a\""}},
                {.breaks_off = true}});
        ask({.path = path});
        const support::http_response again = ask({.path = path});
        EXPECT_EQ(again.status, 504U) << directives;
        EXPECT_NE(again.field("Proxy-Status").find("error="), std::string::npos) << directives;
    }
}

TEST_P(StoringCachingTest, StaleWhileRevalidateServesAtOnceAndReplaces)
{
    const std::string path = new_page();
    will_answer(path,
        {{.fields = {"Cache-Control: max-age=10, stale-while-revalidate=60", "Age: 11"},
             .body = "old"},
            {.fields = {fresh}, .body = "new"}});
    EXPECT_EQ(ask({.path = path}).body, "old");
    std::string body;
    for (int tries = 0; tries < 200 && body != "new"; ++tries) {
        body = ask({.path = path}).body;
        std::this_thread::sleep_for(std::chrono::milliseconds{10});
    }
    EXPECT_EQ(body, "new");
    EXPECT_EQ(times_asked(path), 2U);
}

TEST_P(StoringCachingTest, StaleWhileRevalidateEndsWithItsWindow)
{
    EXPECT_FALSE(is_reused(
        {"Cache-Control: max-age=10, stale-while-revalidate=5", "Age: 16", "ETag: \"a\""}));
}

// RFC 9111, section 3.5.

TEST_P(StoringCachingTest, ResponseToCredentialsIsReusedOnlyWhereItSaysSo)
{
    const field_lines credentials = {"Authorization: Basic YTpi"};
    // No credentials pass through a coralized name.
    EXPECT_EQ(is_reused({fresh}, credentials, credentials), is_coralized());
    for (const char* const directive : {"public", "must-revalidate", "s-maxage=3600"}) {
        EXPECT_TRUE(is_reused({fresh + ", " + directive}, credentials, credentials)) << directive;
    }
}

// RFC 9111, section 5.2.1: counts where the client chose this proxy; in front of a site it does
// not, or clients could reach through to the origin at will.

TEST_P(StoringCachingTest, RequestDirectivesCountInForwardModeOnly)
{
    EXPECT_EQ(is_reused({fresh, "Age: 100"}, {}, {"Cache-Control: max-age=50"}), !is_forward());
    EXPECT_EQ(is_reused({fresh, "ETag: \"a\""}, {}, {"Cache-Control: no-cache"}), !is_forward());
    EXPECT_EQ(is_reused({fresh}, {"Cache-Control: no-store"}, {}), !is_forward());
    EXPECT_EQ(is_reused({fresh, "Age: 3590"}, {}, {"Cache-Control: min-fresh=60"}), !is_forward());
    EXPECT_EQ(is_reused({"Cache-Control: max-age=10", "Age: 20", "ETag: \"a\""},
                  {},
                  {"Cache-Control: max-stale=60"}),
        is_forward());
    EXPECT_TRUE(is_reused({fresh}, {}, {"Cache-Control: max-age=3600"}));
    EXPECT_TRUE(is_reused({fresh}, {}, {"Cache-Control: no-store"}));
}

TEST_P(StoringCachingTest, OnlyIfCachedIsA504WhereNothingIsStored)
{
    const std::string path = new_page();
    will_answer(path, {{.fields = {fresh}}});
    const field_lines only = {"Cache-Control: only-if-cached"};
    EXPECT_EQ(ask({.path = path, .fields = only}).status, is_forward() ? 504U : 200U);
    ask({.path = path});
    EXPECT_EQ(ask({.path = path, .fields = only}).status, 200U);
    EXPECT_EQ(times_asked(path), 1U);
}

TEST_P(StoringCachingTest, PragmaMeansNothing)  // section 5.4
{
    EXPECT_TRUE(is_reused({fresh, "Pragma: no-cache"}, {}, {"Pragma: no-cache"}));
    EXPECT_FALSE(is_reused({"Pragma: max-age=3600"}));
}

// RFC 9110, section 9.3.3.

TEST_P(StoringCachingTest, AnswerToAPostServesLaterGetsIfItSaysThatItIsTheResource)
{
    const std::string path = new_page();
    will_answer(path, {{.fields = {fresh, "Content-Location: " + path}}, {.fields = {fresh}}});
    const support::http_response posted = ask({.path = path, .method = "POST", .body = "abc"});
    if (is_coralized()) {
        EXPECT_EQ(posted.status, 405U);
        return;
    }
    EXPECT_EQ(ask({.path = path}).body, posted.body);
    EXPECT_EQ(times_asked(path), 1U);
}

TEST_P(StoringCachingTest, OtherAnswersToAPostDoNot)
{
    if (is_coralized()) {
        GTEST_SUCCEED() << "only GET and HEAD pass through a coralized name";
        return;
    }
    for (const field_lines& fields : {field_lines{fresh},
             field_lines{fresh, "Content-Location: /elsewhere"},
             field_lines{"Content-Location: SELF", "Last-Modified: " + http_date(hours{-24})},
             field_lines{"Content-Location: SELF", "Cache-Control: no-store"}}) {
        const std::string path = new_page();
        field_lines said = fields;
        for (std::string& line : said) {
            const std::size_t self = line.find("SELF");
            if (self != std::string::npos) {
                line.replace(self, 4, path);
            }
        }
        will_answer(path, {{.fields = said}, {.fields = {fresh}}});
        ask({.path = path, .method = "POST", .body = "abc"});
        ask({.path = path});
        EXPECT_EQ(times_asked(path), 2U) << said[0];
    }
}

// RFC 9110, section 15.2.

TEST_P(StoringCachingTest, InterimResponsesGoThroughAndAreNotReplayed)
{
    const std::string path = new_page();
    will_answer(path,
        {{.fields = {fresh},
            .interim = "HTTP/1.1 102 Processing\r\n\r\n"
                       "HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\nX-Hint: "
                       "yes\r\n\r\n"}});
    const support::http_response first = ask({.path = path});
    EXPECT_EQ(first.interim, (std::vector<unsigned>{102, 103}));
    EXPECT_EQ(first.field("X-Hint"), "");
    const support::http_response again = ask({.path = path});
    EXPECT_EQ(again.interim, std::vector<unsigned>{});
    EXPECT_EQ(again.body, first.body);
    EXPECT_EQ(again.field("X-Hint"), "");
    EXPECT_EQ(again.field("Link"), "");
    EXPECT_EQ(times_asked(path), 1U);
}

// RFC 9111, section 3.1.

TEST_P(StoringCachingTest, EveryFieldIsStored)
{
    const field_lines fields = {fresh,
        "Test-Header: a",
        "X-Unknown: one",
        "X-Unknown: two",
        "Content-Type: text/plain",
        "Content-Language: de",
        "Content-Location: /a",
        "Content-Disposition: attachment; filename=a",
        "Content-Security-Policy: default-src 'none'",
        "Content-MD5: Q2hlY2sgSW50ZWdyaXR5IQ==",
        "Content-Range: bytes 0-1/7",
        "ETag: \"a\"",
        "Last-Modified: " + http_date(hours{-1}),
        "Expires: " + http_date(hours{1}),
        "Server: test",
        "Access-Control-Allow-Origin: *",
        "P3P: a"};
    const support::http_response again = second_answer(fields);
    EXPECT_NE(again.field("Cache-Status").find(";hit"), std::string::npos);
    EXPECT_EQ(again.field("X-Unknown"), "one, two");
    for (const std::string& line : fields) {
        const std::size_t colon = line.find(':');
        const std::string name = line.substr(0, colon);
        if (name != "X-Unknown") {
            EXPECT_EQ(again.field(name), line.substr(colon + 2));
        }
    }
}

TEST_P(StoringCachingTest, SetCookieDoesNotStopReuseAndIsStoredButForCoralizedNames)
{
    const support::http_response again = second_answer({fresh, "Set-Cookie: a=b"});
    EXPECT_NE(again.field("Cache-Status").find(";hit"), std::string::npos);
    EXPECT_EQ(again.field("Set-Cookie"), is_coralized() ? "" : "a=b");
}

TEST_P(StoringCachingTest, FieldsOfOneHopAreNeitherPassedOnNorStored)
{
    const field_lines fields = {fresh,
        "Connection: X-Named, X-Other",
        "X-Named: 1",
        "X-Other: 2",
        "X-Kept: 3",
        "Keep-Alive: timeout=5",
        "Proxy-Authenticate: Basic",
        "Proxy-Authentication-Info: a",
        "Proxy-Connection: keep-alive",
        "TE: trailers",
        "Trailer: X",
        "Upgrade: websocket"};
    const std::string path = new_page();
    will_answer(path, {{.fields = fields}});
    for (const support::http_response& answer : {ask({.path = path}), ask({.path = path})}) {
        EXPECT_EQ(answer.field("X-Kept"), "3");
        for (const char* const name : {"X-Named",
                 "X-Other",
                 "Keep-Alive",
                 "Proxy-Authenticate",
                 "Proxy-Authentication-Info",
                 "Proxy-Connection",
                 "TE",
                 "Trailer",
                 "Upgrade"}) {
            EXPECT_EQ(answer.field(name), "") << name;
        }
        EXPECT_EQ(answer.field("Connection").find("X-"), std::string::npos);
    }
    EXPECT_EQ(times_asked(path), 1U);
}

TEST_P(StoringCachingTest, ConnectionCanNotRemoveWhatDecidesOverReuse)
{
    EXPECT_FALSE(is_reused({"Cache-Control: no-store",
        "Connection: cache-control",
        "Expires: " + http_date(hours{1})}));
}

// Age, Date and the key.

TEST_P(StoringCachingTest, AgeGrowsFromTheReceivedOneAndDateStays)
{
    const std::string date = http_date(seconds{-30});
    for (const std::string& lifetime :
        {std::string("Cache-Control: max-age=3600"), "Expires: " + http_date(hours{1})}) {
        const std::string path = new_page();
        will_answer(path, {{.fields = {lifetime, "Date: " + date, "Age: 30"}}});
        ask({.path = path});
        std::this_thread::sleep_for(std::chrono::milliseconds{1'050});
        const support::http_response again = ask({.path = path});
        EXPECT_GE(std::stoi(again.field("Age")), 31);
        EXPECT_LE(std::stoi(again.field("Age")), 60);
        EXPECT_EQ(again.field("Date"), date);
    }
}

TEST_P(StoringCachingTest, QueryIsPartOfTheKeyAndDoesNotStopReuse)
{
    const std::string path = new_page();
    will_answer(path + "?a=1", {{.fields = {fresh}}});
    will_answer(path + "?a=2", {{.fields = {fresh}}});
    const support::http_response one = ask({.path = path + "?a=1"});
    const support::http_response two = ask({.path = path + "?a=2"});
    EXPECT_NE(one.body, two.body);
    EXPECT_EQ(ask({.path = path + "?a=1"}).body, one.body);
    EXPECT_EQ(times_asked(path + "?a=1"), 1U);
}

TEST_P(StoringCachingTest, CookieInTheRequestDoesNotStopReuse)
{
    EXPECT_TRUE(is_reused({fresh}, {"Cookie: a=1"}, {"Cookie: a=2"}));
}

TEST_P(StoringCachingTest, ErrorsNeverReplaceAGoodResponse)
{
    for (const unsigned status : {400U,
             403U,
             405U,
             408U,
             413U,
             414U,
             416U,
             421U,
             429U,
             431U,
             500U,
             501U,
             502U,
             503U,
             504U}) {
        const std::string path = new_page();
        // Stale for whoever asks, good enough when the origin fails.
        will_answer(path,
            {{.fields = {"Cache-Control: max-age=10", "Age: 11", "ETag: \"a\""}},
                {.status = status, .fields = {fresh}},
                {.breaks_off = true}});
        const support::http_response good = ask({.path = path});
        ask({.path = path});
        EXPECT_EQ(ask({.path = path}).body, good.body) << status;
    }
}

// RFC 9211: the words for why.

TEST_P(StoringCachingTest, CacheStatusTellsTheReason)
{
    const std::string path = new_page();
    will_answer(path,
        {{.fields = {"Cache-Control: max-age=10", "Age: 11", "ETag: \"a\"", "Vary: Foo"}},
            {.fields = {fresh, "ETag: \"b\"", "Vary: Foo"}}});
    EXPECT_NE(ask({.path = path}).field("Cache-Status").find(";fwd=uri-miss;fwd-status=200;stored"),
        std::string::npos);
    EXPECT_NE(ask({.path = path}).field("Cache-Status").find(";fwd=stale;fwd-status=200;stored"),
        std::string::npos);
    EXPECT_NE(
        ask({.path = path, .fields = {"Foo: 1"}}).field("Cache-Status").find(";fwd=vary-miss"),
        std::string::npos);
    const std::string hit = ask({.path = path}).field("Cache-Status");
    EXPECT_NE(hit.find(";hit;ttl="), std::string::npos) << hit;
    if (is_forward()) {
        const std::string asked =
            ask({.path = path, .fields = {"Cache-Control: no-cache"}}).field("Cache-Status");
        EXPECT_NE(asked.find(";fwd=request"), std::string::npos) << asked;
    }
    if (!is_coralized()) {
        const std::string posted =
            ask({.path = path, .method = "POST", .body = "a"}).field("Cache-Status");
        EXPECT_NE(posted.find(";fwd=method"), std::string::npos) << posted;
    }
}

}  // namespace
}  // namespace proxy
