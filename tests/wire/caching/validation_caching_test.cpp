// Conditional requests answered from the store, validation, updates by 304 and by HEAD, and
// invalidation (RFC 9111, sections 3.2, 4.3 and 4.4; RFC 9110, sections 8.8 and 13).

#include "tests/wire/caching/caching_site.hpp"

namespace proxy {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

class ValidationCachingTest : public CachingTest
{
protected:
    // The status of the answer to that condition when this is stored.
    unsigned status_for(const field_lines& stored, const std::string& condition)
    {
        return second_answer(stored, {condition}).status;
    }

    // A page that is stored and stale.
    std::string stale_page(const field_lines& more, std::vector<origin_answer> later)
    {
        const std::string path = new_page();
        field_lines fields = {"Cache-Control: max-age=10", "Age: 11"};
        fields.insert(fields.end(), more.begin(), more.end());
        later.insert(later.begin(), origin_answer{.fields = fields});
        will_answer(path, std::move(later));
        ask({.path = path});
        return path;
    }
};

ATOLL_FOR_EACH_WAY_IN(ValidationCachingTest);

const std::string fresh = "Cache-Control: max-age=3600";

// RFC 9111, section 4.3.2.

TEST_P(ValidationCachingTest, IfModifiedSinceIsAnswered)
{
    const std::string modified = "Last-Modified: Tue, 15 Nov 1994 12:45:26 GMT";
    const auto status = [&](const std::string& since) {
        return status_for({fresh, modified}, "If-Modified-Since: " + since);
    };
    EXPECT_EQ(status("Tue, 15 Nov 1994 12:45:26 GMT"), 304U);
    EXPECT_EQ(status("Tue, 15 Nov 1994 12:45:27 GMT"), 304U);
    EXPECT_EQ(status(http_date(seconds{0})), 304U);
    EXPECT_EQ(status("Tuesday, 15-Nov-94 12:45:26 GMT"), 304U);
    EXPECT_EQ(status("Tue, 15 Nov 1994 12:45:25 GMT"), 200U);
    EXPECT_EQ(status("nonsense"), 200U);
}

TEST_P(ValidationCachingTest, IfModifiedSinceIsAnsweredAfterAValidation)
{
    const std::string modified = "Last-Modified: Tue, 15 Nov 1994 12:45:26 GMT";
    const std::string path = stale_page({modified}, {{.status = 304, .fields = {modified, fresh}}});
    EXPECT_EQ(
        ask({.path = path, .fields = {"If-Modified-Since: Tue, 15 Nov 1994 12:45:26 GMT"}}).status,
        304U);
    EXPECT_EQ(times_asked(path), 2U);
}

// RFC 9110, sections 8.8.3 and 13.1.2.

TEST_P(ValidationCachingTest, IfNoneMatchIsAnsweredByWeakComparison)
{
    for (const char* const stored : {"\"abcdef\"", "W/\"abcdef\""}) {
        const field_lines fields = {fresh, std::string("ETag: ") + stored};
        for (const char* const tags : {"\"abcdef\"",
                 "W/\"abcdef\"",
                 "\"1\", \"abcdef\"",
                 "\"abcdef\", \"2\"",
                 "\"1\", W/\"abcdef\", \"2\"",
                 "\"a,b\", \"abcdef\"",
                 "*"}) {
            const support::http_response answer =
                second_answer(fields, {std::string("If-None-Match: ") + tags});
            EXPECT_EQ(answer.status, 304U) << stored << " " << tags;
            EXPECT_EQ(answer.field("ETag"), stored);
            EXPECT_EQ(answer.body, "");
        }
        for (const char* const tags :
            {"\"1\"", "\"ABCDEF\"", "\"1\", \"2\"", "\"abcdef", "abcdef"}) {
            EXPECT_EQ(status_for(fields, std::string("If-None-Match: ") + tags), 200U)
                << stored << " " << tags;
        }
    }
}

TEST_P(ValidationCachingTest, MalformedTagIsNoValidator)  // decided
{
    for (const char* const tag : {"abcdef", "w/\"abcdef\"", "W\\\"abcdef\"", "\"abcdef"}) {
        EXPECT_EQ(
            status_for({fresh, std::string("ETag: ") + tag}, std::string("If-None-Match: ") + tag),
            200U)
            << tag;
    }
}

TEST_P(ValidationCachingTest, IfNoneMatchBeatsIfModifiedSince)
{
    const field_lines stored = {
        fresh, "ETag: \"a\"", "Last-Modified: Tue, 15 Nov 1994 12:45:26 GMT"};
    EXPECT_EQ(second_answer(stored,
                  {"If-None-Match: \"b\"", "If-Modified-Since: Tue, 15 Nov 1994 12:45:26 GMT"})
                  .status,
        200U);
    EXPECT_EQ(second_answer(stored,
                  {"If-None-Match: \"a\"", "If-Modified-Since: Tue, 15 Nov 1983 12:45:26 GMT"})
                  .status,
        304U);
}

TEST_P(ValidationCachingTest, StaleResponseIsValidatedWithItsTag)
{
    for (const char* const tag : {"\"abc\"", "W/\"abc\""}) {
        const std::string field = std::string("ETag: ") + tag;
        const std::string path = stale_page({field}, {{.status = 304, .fields = {field, fresh}}});
        const support::http_response again = ask({.path = path});
        EXPECT_EQ(again.status, 200U);
        EXPECT_NE(again.body, "");
        EXPECT_NE(
            last_head(path).find(std::string("If-None-Match: ") + tag + "\r\n"), std::string::npos);
        EXPECT_NE(ask({.path = path}).field("Cache-Status").find(";hit"), std::string::npos);
    }
}

TEST_P(
    ValidationCachingTest, ConditionOfTheClientIsNotForwardedOnAMiss)  // decided: fetch the whole
{
    const std::string path = new_page();
    will_answer(path, {{.fields = {fresh, "ETag: \"a\""}}});
    EXPECT_EQ(ask({.path = path, .fields = {"If-None-Match: \"a\""}}).status, 304U);
    EXPECT_EQ(last_head(path).find("If-None-Match"), std::string::npos);
    EXPECT_EQ(ask({.path = path}).status, 200U);
    EXPECT_EQ(times_asked(path), 1U);
}

TEST_P(ValidationCachingTest, NewResponseReplacesTheStaleOne)
{
    const std::string path =
        stale_page({"ETag: \"a\""}, {{.fields = {fresh, "ETag: \"b\""}, .body = "new"}});
    EXPECT_EQ(ask({.path = path}).body, "new");
    EXPECT_EQ(ask({.path = path}).body, "new");
    EXPECT_EQ(times_asked(path), 2U);
}

// RFC 9111, sections 3.2 and 4.3.4.

TEST_P(ValidationCachingTest, NotModifiedUpdatesTheStoredFieldsInAnswerAndStore)
{
    const field_lines replaced = {"Test-Header",
        "X-Test-Header",
        "Content-Foo",
        "X-Content-Foo",
        "Content-Language",
        "Content-Disposition",
        "Content-Security-Policy",
        "X-Frame-Options",
        "Public-Key-Pins"};
    field_lines before = {"ETag: \"a\"", "Kept: yes"};
    field_lines after = {"ETag: \"a\"", fresh};
    for (const std::string& name : replaced) {
        before.push_back(name + ": old");
        after.push_back(name + ": new");
    }
    const std::string path = stale_page(before, {{.status = 304, .fields = after}});
    const support::http_response validated = ask({.path = path});
    const support::http_response reused = ask({.path = path});
    EXPECT_EQ(times_asked(path), 2U);
    for (const support::http_response& answer : {validated, reused}) {
        EXPECT_EQ(answer.status, 200U);
        EXPECT_EQ(answer.field("Kept"), "yes");
        EXPECT_EQ(answer.field("Cache-Control"), "max-age=3600");
        EXPECT_EQ(answer.field("Content-Length"), std::to_string(validated.body.size()));
        for (const std::string& name : replaced) {
            EXPECT_EQ(answer.field(name), "new") << name;
        }
    }
}

TEST_P(ValidationCachingTest, NotModifiedAboutAnotherTagUpdatesNothing)
{
    const std::string path = stale_page({"ETag: \"a\""},
        {{.status = 304, .fields = {"ETag: \"b\"", fresh}},
            {.fields = {fresh, "ETag: \"b\""}, .body = "new"}});
    EXPECT_EQ(ask({.path = path}).body, "new");
}

// HEAD: RFC 9111, sections 4 and 4.3.5.

TEST_P(ValidationCachingTest, HeadIsAnsweredFromAStoredGet)
{
    const std::string path = new_page();
    will_answer(path, {{.fields = {fresh, "X: y"}, .body = "12345"}});
    ask({.path = path});
    const support::http_response head = ask({.path = path, .method = "HEAD"});
    EXPECT_EQ(head.status, 200U);
    EXPECT_EQ(head.field("Content-Length"), "5");
    EXPECT_EQ(head.field("X"), "y");
    EXPECT_EQ(head.body, "");
    EXPECT_EQ(times_asked(path), 1U);
}

TEST_P(ValidationCachingTest, HeadIsForwardedWhereTheStoredGetIsStale)
{
    const std::string path = stale_page({"ETag: \"a\""}, {{.fields = {fresh, "ETag: \"a\""}}});
    ask({.path = path, .method = "HEAD"});
    EXPECT_TRUE(last_head(path).starts_with("HEAD "));
}

TEST_P(ValidationCachingTest, HeadFreshensTheStoredGetThatItDescribes)
{
    const std::string path = new_page();
    will_answer(path,
        {{.fields = {"Cache-Control: max-age=10", "Age: 11", "ETag: \"a\"", "X: old"},
             .body = "12345"},
            {.fields = {fresh, "ETag: \"a\"", "X: new"}, .body = "54321"}});
    ask({.path = path});
    ask({.path = path, .method = "HEAD"});
    const support::http_response again = ask({.path = path});
    EXPECT_EQ(again.body, "12345");
    EXPECT_EQ(again.field("X"), "new");
    EXPECT_EQ(times_asked(path), 2U);
}

TEST_P(ValidationCachingTest, HeadAboutSomethingElseEndsTheUseOfTheStoredGet)
{
    for (const field_lines& other : {field_lines{fresh, "ETag: \"b\""}, field_lines{fresh}}) {
        const std::string path = new_page();
        will_answer(path,
            {{.fields = {"Cache-Control: max-age=10", "Age: 11", "ETag: \"a\""}, .body = "12345"},
                {.fields = other, .body = "123456"},
                {.fields = {fresh}, .body = "123456"}});
        ask({.path = path});
        ask({.path = path, .method = "HEAD"});
        EXPECT_EQ(ask({.path = path}).body, "123456");
        EXPECT_EQ(times_asked(path), 3U);
    }
}

// RFC 9111, section 4.4.

TEST_P(ValidationCachingTest, UnsafeAndUnknownMethodsInvalidate)
{
    if (is_coralized()) {
        EXPECT_EQ(ask({.path = new_page(), .method = "POST", .body = "a"}).status, 405U);
        return;
    }
    for (const char* const method : {"POST", "PUT", "DELETE", "PATCH", "M-SEARCH", "FOO"}) {
        for (const unsigned status : {200U, 204U, 303U, 404U, 500U}) {
            const std::string path = new_page();
            will_answer(path, {{.fields = {fresh}}, {.status = status}, {.fields = {fresh}}});
            ask({.path = path});
            ask({.path = path, .method = method, .body = "abc"});
            ask({.path = path});
            EXPECT_EQ(times_asked(path), status < 400 ? 3U : 2U) << method << status;
        }
    }
}

TEST_P(ValidationCachingTest, SafeMethodsDoNot)
{
    const std::string path = new_page();
    will_answer(path, {{.fields = {fresh}}});
    ask({.path = path});
    ask({.path = path, .method = "OPTIONS"});
    const std::size_t before = times_asked(path);
    ask({.path = path});
    EXPECT_EQ(times_asked(path), before);
}

TEST_P(ValidationCachingTest, LocationAndContentLocationOfTheSameOriginAreInvalidatedToo)
{
    if (is_coralized()) {
        GTEST_SUCCEED() << "only GET and HEAD pass through a coralized name";
        return;
    }
    for (const char* const name : {"Location", "Content-Location"}) {
        const std::string other = new_page();
        const std::string path = new_page();
        will_answer(other, {{.fields = {fresh}}, {.fields = {fresh}}});
        will_answer(path, {{.fields = {std::string(name) + ": " + other}}});
        ask({.path = other});
        ask({.path = path, .method = "POST", .body = "abc"});
        ask({.path = other});
        EXPECT_EQ(times_asked(other), 2U) << name;
    }
}

TEST_P(ValidationCachingTest, LocationOfAnotherOriginIsNot)
{
    if (is_coralized()) {
        GTEST_SUCCEED() << "only GET and HEAD pass through a coralized name";
        return;
    }
    const std::string other = new_page();
    const std::string path = new_page();
    will_answer(other, {{.fields = {fresh}}});
    will_answer(path, {{.fields = {"Location: http://elsewhere.test" + other}}});
    ask({.path = other});
    ask({.path = path, .method = "POST", .body = "abc"});
    ask({.path = other});
    EXPECT_EQ(times_asked(other), 1U);
}

}  // namespace
}  // namespace proxy
