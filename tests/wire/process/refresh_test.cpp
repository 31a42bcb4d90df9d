// stale-while-revalidate (RFC 5861, section 3): nobody waits for the refreshment.

#include "tests/support/eventually.hpp"
#include "tests/support/test_origin.hpp"
#include "tests/wire/process/one_peer.hpp"

#include <gmock/gmock.h>

#include <string>

namespace proxy {
namespace {

using testing::HasSubstr;
using testing::Not;

class RefreshTest : public one_peer
{
protected:
    // Stale from the moment of its arrival, so that no test waits for that.
    void serve(const std::string& body, const std::string& age)
    {
        support::origin_route route;
        route.body = body;
        route.etag = "\"" + body + "\"";
        route.cache_control = "max-age=60, stale-while-revalidate=3600";
        if (!age.empty()) {
            route.fields.emplace_back("Age", age);
        }
        origin_.serve("/file", route);
    }

    support::http_client::result ask() { return get(origin_.authority(), "/file"); }

    support::test_origin origin_;
};

TEST_F(RefreshTest, TheStaleOneIsServedAtOnceAndTheFreshOneToThoseWhoComeLater)
{
    serve("old", "100");
    ASSERT_EQ(ask()->body, "old");
    serve("new", "");
    const auto stale = ask();
    ASSERT_TRUE(stale);
    EXPECT_EQ(stale->body, "old");
    EXPECT_THAT(stale->field("Cache-Status"), HasSubstr(";hit;ttl=-"));
    EXPECT_THAT(stale->field("Cache-Status"), HasSubstr("stale-while-revalidate"));
    EXPECT_TRUE(support::eventually([&] { return ask()->body == "new"; }));
    EXPECT_THAT(ask()->field("Cache-Status"), Not(HasSubstr("ttl=-")));
    EXPECT_EQ(origin_.count("/file").requests, 2U) << "one refreshment, however many asked";
}

TEST_F(RefreshTest, AnOriginThatIsGoneIsNotMissedUntilTheWindowEnds)
{
    serve("old", "100");
    ASSERT_EQ(ask()->body, "old");
    origin_.stop();
    for (int i = 0; i < 20; ++i) {
        const auto stale = ask();
        ASSERT_TRUE(stale);
        EXPECT_EQ(stale->status, 200U);
        EXPECT_EQ(stale->body, "old");
    }
}

// Who sends a cookie shares no fetch with others, but a refreshment is still one at a time.
TEST_F(RefreshTest, RequestsWithCookiesAreRefreshedOneAtATime)
{
    serve("old", "100");
    ASSERT_EQ(ask()->body, "old");
    support::origin_route hanging;
    hanging.behaviour = support::origin_behaviour::hang;
    origin_.serve("/file", hanging);
    for (int i = 0; i < 20; ++i) {
        auto request = support::forward_request(origin_.authority(), "/file");
        request.fields.emplace_back("Cookie", "a=b");
        const auto stale = support::http_client(peer().client()).exchange(request);
        ASSERT_TRUE(stale);
        EXPECT_EQ(stale->body, "old");
    }
    EXPECT_TRUE(support::eventually([&] { return origin_.count("/file").requests == 2; }));
    EXPECT_EQ(origin_.count("/file").requests, 2U);
}

}  // namespace
}  // namespace proxy
