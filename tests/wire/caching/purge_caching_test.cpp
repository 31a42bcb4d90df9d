// Purge: by URL, host and surrogate key, soft and hard, by the admin port and by the method PURGE.

#include "tests/support/eventually.hpp"
#include "tests/wire/caching/caching_site.hpp"

#include <thread>

namespace proxy {
namespace {

class PurgeCachingTest : public CachingTest
{
protected:
    // A purge is refused as long as the store cannot be asked.
    void SetUp() override
    {
        ASSERT_TRUE(
            support::eventually([this] { return peer().admin_page("/readyz") == "ready\n"; }));
    }

    // A page that is fresh for an hour, stored.
    std::string stored_page(const field_lines& more = {})
    {
        const std::string path = new_page();
        field_lines fields = {"Cache-Control: max-age=3600", "ETag: \"a\""};
        fields.insert(fields.end(), more.begin(), more.end());
        will_answer(path, {{.fields = fields}});
        ask({.path = path});
        ask({.path = path});
        EXPECT_EQ(times_asked(path), 1U);
        return path;
    }

    bool is_stored(const std::string& path)
    {
        const std::size_t before = times_asked(path);
        ask({.path = path});
        return times_asked(path) == before;
    }
};

ATOLL_FOR_EACH_WAY_IN(PurgeCachingTest);

TEST_P(PurgeCachingTest, UrlIsGoneInAllItsVariants)
{
    const std::string path = stored_page({"Vary: Foo"});
    const std::string other = stored_page();
    ask({.path = path, .fields = {"Foo: 1"}});
    EXPECT_EQ(purge("url=" + url_of(path)).status, 200U);
    EXPECT_FALSE(is_stored(path));
    const std::size_t before = times_asked(path);
    ask({.path = path, .fields = {"Foo: 1"}});
    EXPECT_EQ(times_asked(path), before + 1);
    EXPECT_TRUE(is_stored(other));
}

TEST_P(PurgeCachingTest, TagAndHostAreGone)
{
    const std::string news = stored_page({"Surrogate-Key: news sport"});
    const std::string sport = stored_page({"Cache-Tag: sport"});
    const std::string other = stored_page();
    EXPECT_EQ(purge("tag=news").status, 200U);
    EXPECT_FALSE(is_stored(news));
    EXPECT_TRUE(is_stored(sport));
    EXPECT_EQ(purge("tag=sport").status, 200U);
    EXPECT_FALSE(is_stored(sport));
    EXPECT_TRUE(is_stored(other));
    EXPECT_EQ(purge("host=127.0.0.1").status, 200U);
    EXPECT_FALSE(is_stored(other));
    EXPECT_EQ(purge("host=127.0.0.2").body, "{\"memory\":0,\"disk\":0}\n");
}

TEST_P(PurgeCachingTest, SoftOneIsValidatedAndServedWhereTheOriginFails)
{
    const std::string path = stored_page();
    const std::string body = ask({.path = path}).body;
    EXPECT_EQ(purge("url=" + url_of(path) + "&soft").status, 200U);
    will_answer(path, {{.breaks_off = true}});
    EXPECT_EQ(ask({.path = path}).body, body);
    will_answer(path, {{.status = 304, .fields = {"ETag: \"a\""}}});
    EXPECT_EQ(ask({.path = path}).body, body);
    EXPECT_NE(last_head(path).find("If-None-Match: \"a\""), std::string::npos);
    EXPECT_TRUE(is_stored(path));
}

TEST_P(PurgeCachingTest, SoftOneIsServedAtOnceWhereItMayBeWhileRevalidated)
{
    const std::string path = stored_page({"Cache-Control: stale-while-revalidate=60"});
    const std::string body = ask({.path = path}).body;
    purge("url=" + url_of(path) + "&soft");
    will_answer(path, {{.fields = {"Cache-Control: max-age=60"}, .body = "new"}});
    const support::http_response stale = ask({.path = path});
    EXPECT_EQ(stale.body, body);
    EXPECT_NE(stale.field("Cache-Status").find("/stale-while-revalidate"), std::string::npos);
}

TEST_P(PurgeCachingTest, SlicesAreGone)
{
    const std::string path = new_page();
    will_answer(path,
        {{.fields = {"Cache-Control: max-age=3600", "ETag: \"a\"", "Surrogate-Key: big"},
            .body = std::string(2'000'000, 'x'),
            .has_ranges = true}});
    const field_lines range = {"Range: bytes=0-9"};
    ask({.path = path, .fields = range});
    EXPECT_EQ(purge("tag=big").status, 200U);
    ask({.path = path, .fields = range});
    EXPECT_EQ(times_asked(path), 2U);
}

TEST_P(PurgeCachingTest, MethodPurgeTakesThePageAway)
{
    const std::string path = stored_page();
    const support::http_response first = ask({.path = path, .method = "PURGE"});
    if (is_coralized()) {
        EXPECT_EQ(first.status, 405U);
        return;
    }
    EXPECT_EQ(first.status, 200U);
    EXPECT_EQ(ask({.path = path, .method = "PURGE"}).status, 404U);
    EXPECT_EQ(times_asked(path), 1U);
    EXPECT_FALSE(is_stored(path));
    // What was asked for in the millisecond of a purge is not stored.
    std::this_thread::sleep_for(std::chrono::milliseconds{2});
    ask({.path = path});
    ask({.path = path, .fields = {"Soft-Purge: 1"}, .method = "PURGE"});
    will_answer(path, {{.status = 304, .fields = {"ETag: \"a\""}}});
    EXPECT_EQ(ask({.path = path}).status, 200U);
}

TEST_P(PurgeCachingTest, BadQuestionsAreExplained)
{
    EXPECT_EQ(purge("").status, 400U);
    EXPECT_EQ(purge("url=nonsense").status, 400U);
    EXPECT_NE(purge("path=/a").body.find("expected one of"), std::string::npos);
}

}  // namespace
}  // namespace proxy
