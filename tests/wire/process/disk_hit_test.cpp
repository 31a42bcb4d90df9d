// What was stored is found after a restart, whatever its size: bodies that lie with their heads,
// bodies in chunks, and slices.

#include "tests/support/atoll_peer.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/generated_body.hpp"
#include "tests/support/http_client.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/support/test_origin.hpp"

#include <gtest/gtest.h>

#include <map>

namespace proxy {
namespace {

class DiskHitTest : public testing::Test
{
protected:
    void start()
    {
        support::atoll_peer_options options;
        options.directory = directory_.path() / "peer";
        options.use_peers = false;
        peer_ = std::make_unique<support::atoll_peer>(options);
        ASSERT_TRUE(
            support::eventually([this] { return peer_->admin_page("/readyz") == "ready\n"; }));
    }

    void restart(double stored)
    {
        ASSERT_TRUE(
            support::eventually([&] { return peer_->metric("atoll_stored_total") >= stored; }));
        peer_->program().stop(std::chrono::seconds(20));
        start();
    }

    support::http_response ask(const std::string& path, const std::string& range = "")
    {
        support::http_request request = support::forward_request(origin_.authority(), path);
        if (!range.empty()) {
            request.fields.emplace_back("Range", range);
        }
        const auto answer = support::http_client(peer_->client()).exchange(request);
        EXPECT_TRUE(answer) << path;
        return answer ? *answer : support::http_response();
    }

    std::string serve(const std::string& path, std::size_t octets)
    {
        support::origin_route route;
        route.body = support::generated_body(octets + 1, octets);
        route.etag = "\"one\"";
        origin_.serve(path, route);
        return route.body;
    }

    support::temporary_directory directory_;
    support::test_origin origin_;
    std::unique_ptr<support::atoll_peer> peer_;
};

TEST_F(DiskHitTest, BodiesOfAllSizesAreFoundAfterARestart)
{
    start();
    std::map<std::string, std::string> bodies;
    for (const std::size_t octets : {0, 1, 1'000, 16'384, 16'385, 131'072, 131'073, 3'000'000}) {
        const std::string path = "/" + std::to_string(octets);
        bodies[path] = serve(path, octets);
        EXPECT_TRUE(ask(path).body == bodies[path]);
    }
    restart(static_cast<double>(bodies.size()));
    for (const auto& [path, body] : bodies) {
        const support::http_response answer = ask(path);
        EXPECT_TRUE(answer.body == body) << path;
        EXPECT_NE(answer.field("Cache-Status").find(";hit;"), std::string::npos) << path;
        EXPECT_NE(answer.field("Cache-Status").find("detail=disk"), std::string::npos) << path;
        EXPECT_EQ(origin_.count(path).requests, 1U) << path;
    }
}

TEST_F(DiskHitTest, SlicesAreFoundAfterARestart)
{
    start();
    const std::string body = serve("/large", 3'000'000);
    EXPECT_EQ(ask("/large", "bytes=1500000-1500009").body, body.substr(1'500'000, 10));
    restart(1);  // the slice; the map is there before it
    const support::http_response answer = ask("/large", "bytes=1400000-1400009");
    EXPECT_EQ(answer.body, body.substr(1'400'000, 10));
    EXPECT_NE(answer.field("Cache-Status").find(";hit;"), std::string::npos);
    EXPECT_EQ(origin_.count("/large").requests, 1U);
}

}  // namespace
}  // namespace proxy
