// Gets and puts between a few nodes that hear each other at once.

#include "dht/core/node.hpp"
#include "tests/unit/dht/five_nodes.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace dht {
namespace {

using namespace std::chrono_literals;

class NodeOperationsTest : public five_nodes
{
};

TEST_F(NodeOperationsTest, AGetEndsAtTheFirstNodeWithValues)
{
    reef.put(1, key, 60s);
    for (std::size_t asker = 0; asker < 5; ++asker) {
        const get_result found = reef.get(asker, key);
        ASSERT_EQ(found.pointers.size(), asker == 1 ? 0U : 1U);
        if (asker != 1) {
            EXPECT_EQ(found.pointers[0].peer, reef.where(1));
        }
    }
}

TEST_F(NodeOperationsTest, AGetThatFindsNothingIsNotATimeOut)
{
    const get_result nothing = reef.get(2, key);
    EXPECT_TRUE(nothing.pointers.empty());
    EXPECT_FALSE(nothing.timed_out);
    EXPECT_GT(nothing.queries, 0U);
}

TEST_F(NodeOperationsTest, AGetWithoutTimeEndsAtItsDeadline)
{
    const get_result nothing = reef.get(2, key, 1ms);
    EXPECT_TRUE(nothing.timed_out);
    EXPECT_EQ(reef.at(2).snapshot().gets_timed_out, 1U);
    EXPECT_EQ(reef.at(2).snapshot().operations, 0U);
}

TEST_F(NodeOperationsTest, ACancelledGetLeavesNothing)
{
    const operation_id operation = reef.at(2).get(key, 1s, reef.now());
    EXPECT_EQ(reef.at(2).snapshot().operations, 1U);
    reef.at(2).cancel(operation);
    reef.at(2).cancel(operation);
    EXPECT_EQ(reef.at(2).snapshot().operations, 0U);
    reef.run_for(2s);
    EXPECT_EQ(reef.at(2).snapshot().gets_timed_out, 0U);
}

TEST_F(NodeOperationsTest, TooManyOperationsAreRefusedAndCounted)
{
    config settings;
    settings.operations = 2;
    const std::size_t small = reef.add_node({0}, settings);
    reef.run_for(5s);
    for (int i = 0; i < 5; ++i) {
        reef.begin_get(small, key);
    }
    EXPECT_EQ(reef.at(small).snapshot().refused_operations, 3U);
    EXPECT_EQ(reef.at(small).snapshot().operations, 2U);
}

TEST_F(NodeOperationsTest, AFullTableOfQueriesEndsOperationsInsteadOfHangingThem)
{
    config settings;
    settings.queries_in_flight = 1;
    const std::size_t small = reef.add_node({0}, settings);
    reef.run_for(5s);
    EXPECT_FALSE(reef.get(small, key).timed_out);
    EXPECT_FALSE(reef.put(small, key, 60s).timed_out);
}

TEST_F(NodeOperationsTest, ExpectsALookupToTakeSomeRoundTrips)
{
    EXPECT_GT(reef.at(2).expected_lookup_time(), 10ms);
    EXPECT_LT(reef.at(2).expected_lookup_time(), 200ms);
}

}  // namespace
}  // namespace dht
