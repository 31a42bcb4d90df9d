// Who has another secret, or is of another network, is not heard: nothing passes.

#include "tests/support/answer_source.hpp"
#include "tests/support/atoll_peer.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/http_client.hpp"
#include "tests/support/process.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/support/test_origin.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace proxy {
namespace {

using support::answer_source;
using support::atoll_peer;
using namespace std::chrono_literals;

class StrangersTest : public testing::Test
{
protected:
    StrangersTest()
    {
        support::origin_route route;
        route.body = "ours";
        origin_.serve("/file", route);
    }

    static std::string new_swarm_key()
    {
        support::command wanted;
        wanted.program = support::atoll_program();
        wanted.arguments = {"swarm-key"};
        const support::run_result made = support::run(wanted, 30s);
        EXPECT_TRUE(made.status.success()) << made.errors;
        return made.output.substr(0, made.output.find('\n'));
    }

    std::unique_ptr<atoll_peer> start(const std::string& name,
        const std::string& key,
        const std::string& network,
        const atoll_peer* through)
    {
        support::atoll_peer_options options;
        options.directory = directory_.path() / name;
        options.network = network;
        if (!key.empty()) {
            options.more_arguments = {"--swarm-key", key};
        }
        if (through != nullptr) {
            options.join.push_back(through->peer());
        }
        return std::make_unique<atoll_peer>(options);
    }

    answer_source source_at(const atoll_peer& peer)
    {
        const auto response = support::http_client(peer.client())
                                  .exchange(support::forward_request(origin_.authority(), "/file"));
        EXPECT_TRUE(response && response->body == "ours");
        return response ? support::source_of(response->field("Cache-Status"))
                        : answer_source::unknown;
    }

    // The first of ours has the file, and the second knows it. The stranger asks and is not heard.
    void expect_strange(const std::string& key,
        const std::string& key_of_stranger,
        const std::string& network_of_stranger,
        const std::string& reason)
    {
        const auto first = start("first", key, "ours", nullptr);
        const auto second = start("second", key, "ours", first.get());
        const auto stranger = start("stranger", key_of_stranger, network_of_stranger, first.get());
        for (const atoll_peer* const one : {first.get(), second.get(), stranger.get()}) {
            ASSERT_TRUE(support::eventually([&] { return one->metric("atoll_store_open") == 1; }));
        }
        ASSERT_TRUE(support::eventually([&] {
            return second->metric("atoll_routing_table_size") == 1 &&
                   first->metric("atoll_routing_table_size") == 1;
        }));
        EXPECT_EQ(source_at(*first), answer_source::origin);
        EXPECT_EQ(source_at(*second), answer_source::peer);
        EXPECT_EQ(source_at(*stranger), answer_source::origin);
        EXPECT_EQ(stranger->metric("atoll_routing_table_size"), 0);
        EXPECT_EQ(first->metric("atoll_routing_table_size"), 1) << "the second alone";
        EXPECT_GT(first->metric("atoll_index_dropped_total{reason=\"" + reason + "\"}"), 0);
        EXPECT_EQ(origin_.count("/file").requests, 2U);
    }

    support::temporary_directory directory_;
    support::test_origin origin_;
};

TEST_F(StrangersTest, AnotherSecretIsNotHeard)
{
    expect_strange(new_swarm_key(), new_swarm_key(), "ours", "not_authentic");
}

TEST_F(StrangersTest, WithoutASecretNobodyIsHeard)
{
    expect_strange(new_swarm_key(), "", "ours", "not_sealed");
}

TEST_F(StrangersTest, ThoseOfAnotherNetworkAreTurnedAway)
{
    expect_strange("", "", "theirs", "other_network");
}

}  // namespace
}  // namespace proxy
