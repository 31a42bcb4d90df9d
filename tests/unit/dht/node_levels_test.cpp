// How a few nodes find into clusters, and what that changes for their gets and puts.

#include "dht/core/node.hpp"
#include "tests/sim/world/world.hpp"

#include <gtest/gtest.h>

#include <set>
#include <vector>

namespace dht {
namespace {

using namespace std::chrono_literals;

const node_id key = sha1("key");

sim::link_model links_of(std::chrono::milliseconds one_way)
{
    sim::link_model links;
    links.least_delay = links.most_delay = one_way;
    links.jitter = 1ms;
    return links;
}

class NodeLevelsTest : public ::testing::Test
{
protected:
    static void populate(sim::world& reef, std::size_t count)
    {
        for (std::size_t i = 0; i < count; ++i) {
            reef.add_node(i == 0 ? std::vector<std::size_t>{} : std::vector<std::size_t>{0});
            reef.run_for(1s);
        }
        reef.run_for(10s);
    }

    static std::size_t clusters(sim::world& reef, level_number level)
    {
        std::set<cluster_id> seen;
        for (std::size_t i = 0; i < reef.size(); ++i) {
            seen.insert(reef.at(i).scope(level).cluster);
        }
        return seen.size();
    }
};

TEST_F(NodeLevelsTest, NodesThatAreNearJoinOneClusterAtTheirFirstExchange)
{
    sim::world reef{1, links_of(4ms), config{}};
    populate(reef, 6);
    EXPECT_EQ(clusters(reef, 1), 1U);
    EXPECT_EQ(clusters(reef, 2), 1U);
}

TEST_F(NodeLevelsTest, NodesAreInOneClusterOfTheLevelWhoseBoundTheyKeep)
{
    sim::world reef{2, links_of(20ms), config{}};
    populate(reef, 6);
    EXPECT_EQ(clusters(reef, 1), 1U);
    EXPECT_EQ(clusters(reef, 2), 6U) << "each is alone there";
}

TEST_F(NodeLevelsTest, ANetworkInOnePlaceCostsWhatOneLevelCosts)
{
    sim::world three{3, links_of(4ms), config{}};
    sim::world one{3, links_of(4ms)};
    populate(three, 8);
    populate(one, 8);
    EXPECT_EQ(three.get(5, key).queries, one.get(5, key).queries);
}

TEST_F(NodeLevelsTest, WhatIsPutInAClusterIsFoundAndTakenBack)
{
    sim::world reef{4, links_of(20ms), config{}};
    populate(reef, 6);
    reef.announce(1, key, 600s);
    reef.run_for(5s);
    EXPECT_EQ(reef.get(4, key).pointers.size(), 1U);
    reef.withdraw(1, key);
    reef.run_for(5s);
    EXPECT_TRUE(reef.get(4, key).pointers.empty());
}

}  // namespace
}  // namespace dht
