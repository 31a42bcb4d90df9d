// A peer in the tables of both address families carries content between those that have one only.

#include "tests/support/answer_source.hpp"
#include "tests/support/atoll_peer.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/generated_body.hpp"
#include "tests/support/http_client.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/support/test_origin.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace proxy {
namespace {

using support::answer_source;
using support::atoll_peer;

class TwoFamiliesTest : public testing::Test
{
protected:
    atoll_peer start(const std::string& name,
        std::vector<std::string> arguments,
        std::vector<atoll_peer::endpoint> join)
    {
        support::atoll_peer_options options;
        options.directory = directory_.path() / name;
        options.more_arguments = std::move(arguments);
        options.join = std::move(join);
        return atoll_peer{options};
    }

    // Where the peer has the answer from.
    answer_source source_at(const atoll_peer& peer, const std::string& path)
    {
        const auto response = support::http_client(peer.client())
                                  .exchange(support::forward_request(origin_.authority(), path));
        EXPECT_TRUE(response && response->body == body_);
        return response ? support::source_of(response->field("Cache-Status"))
                        : answer_source::unknown;
    }

    void serve(const std::string& path)
    {
        support::origin_route route;
        route.body = body_;
        origin_.serve(path, route);
    }

    // It keeps, and so announces, nothing before its store is open.
    static bool knows(const atoll_peer& peer, double peers)
    {
        return support::eventually([&] {
            return peer.metric("atoll_routing_table_size") >= peers &&
                   peer.metric("atoll_store_open") == 1;
        });
    }

    const std::string body_ = support::generated_body(5, 40'000);
    support::temporary_directory directory_;
    support::test_origin origin_;
};

TEST_F(TwoFamiliesTest, WhoSpeaksBothCarriesContentFromOneToTheOther)
{
    serve("/of-v4");
    serve("/of-v6");
    const atoll_peer of_v4 = start("v4", {}, {});
    const atoll_peer of_v6 = start("v6", {"--peer", "[::1]:0"}, {});
    const atoll_peer both = start("both", {"--peer6", "[::1]:0"}, {of_v4.peer(), of_v6.peer()});
    EXPECT_TRUE(both.peer6().address().is_v6());
    ASSERT_TRUE(knows(both, 2));
    ASSERT_TRUE(knows(of_v4, 1));
    ASSERT_TRUE(knows(of_v6, 1));

    EXPECT_EQ(source_at(of_v4, "/of-v4"), answer_source::origin);
    EXPECT_EQ(source_at(both, "/of-v4"), answer_source::peer);
    EXPECT_EQ(source_at(of_v6, "/of-v4"), answer_source::peer);
    EXPECT_EQ(origin_.count("/of-v4").requests, 1U);

    EXPECT_EQ(source_at(of_v6, "/of-v6"), answer_source::origin);
    EXPECT_EQ(source_at(both, "/of-v6"), answer_source::peer);
    EXPECT_EQ(source_at(of_v4, "/of-v6"), answer_source::peer);
    EXPECT_EQ(origin_.count("/of-v6").requests, 1U);

    const std::string status = both.admin_page("/v1/status");
    EXPECT_NE(status.find("\"peer6\":\"[::1]:"), std::string::npos) << status;
}

}  // namespace
}  // namespace proxy
