#include "cache/store/s3_fifo.hpp"

#include <gtest/gtest.h>

#include <array>

namespace cache {
namespace {

// A limit of 100 octets leaves 10 to the small queue.
struct S3FifoTest : testing::Test
{
    S3FifoTest()
    {
        for (std::size_t i = 0; i != nodes.size(); ++i) {
            // Ghosts are found by the lower bits and told apart by the upper ones.
            nodes[i].hash = (std::uint64_t{i + 1} << 40U) | i;
            nodes[i].octets = 5;
        }
    }

    std::array<s3_fifo_node, 8> nodes;
    s3_fifo order{100};
};

TEST_F(S3FifoTest, EntryUsedOnceLeavesFirstInFirstOut)
{
    order.insert(nodes[0]);
    order.insert(nodes[1]);
    order.insert(nodes[2]);
    s3_fifo::touch(nodes[0]);
    EXPECT_EQ(&order.take_victim(), &nodes[0]);
    EXPECT_EQ(&order.take_victim(), &nodes[1]);
    EXPECT_EQ(&order.take_victim(), &nodes[2]);
    EXPECT_EQ(order.octets(), 0U);
}

TEST_F(S3FifoTest, EntryUsedTwiceMovesToTheMainQueue)
{
    order.insert(nodes[0]);
    s3_fifo::touch(nodes[0]);
    s3_fifo::touch(nodes[0]);
    order.insert(nodes[1]);
    order.insert(nodes[2]);
    EXPECT_EQ(&order.take_victim(), &nodes[1]);
    order.insert(nodes[3]);
    order.insert(nodes[4]);
    EXPECT_EQ(&order.take_victim(), &nodes[2]);
    EXPECT_TRUE(nodes[0].in_main);
}

TEST_F(S3FifoTest, MainQueueGivesASecondChanceForEachUse)
{
    for (const std::size_t i : {0U, 1U}) {
        order.insert(nodes[i]);
        s3_fifo::touch(nodes[i]);
        s3_fifo::touch(nodes[i]);
    }
    nodes[2].octets = 10;  // as much as the small queue may hold
    order.insert(nodes[2]);
    EXPECT_EQ(&order.take_victim(), &nodes[2]);
    s3_fifo::touch(nodes[0]);
    EXPECT_EQ(&order.take_victim(), &nodes[1]);
    EXPECT_EQ(&order.take_victim(), &nodes[0]);
}

TEST_F(S3FifoTest, EntryThatComesBackSoonGoesToTheMainQueue)
{
    order.insert(nodes[0]);
    EXPECT_EQ(&order.take_victim(), &nodes[0]);
    order.insert(nodes[0]);
    EXPECT_TRUE(nodes[0].in_main);
    // Once: the ghost was used up.
    order.remove(nodes[0]);
    order.insert(nodes[0]);
    EXPECT_FALSE(nodes[0].in_main);
}

TEST_F(S3FifoTest, OctetsFollowInsertionRemovalAndResizing)
{
    order.insert(nodes[0]);
    order.insert(nodes[1]);
    order.resize(nodes[1], 20);
    EXPECT_EQ(order.octets(), 25U);
    order.remove(nodes[0]);
    EXPECT_EQ(order.octets(), 20U);
    EXPECT_EQ(&order.take_victim(), &nodes[1]);
    EXPECT_EQ(order.octets(), 0U);
}

TEST_F(S3FifoTest, RemovalFromAnywhereKeepsTheOrder)
{
    for (const std::size_t i : {0U, 1U, 2U, 3U, 4U}) {
        order.insert(nodes[i]);
    }
    order.remove(nodes[2]);
    order.remove(nodes[0]);
    order.remove(nodes[4]);
    EXPECT_EQ(&order.take_victim(), &nodes[1]);
    EXPECT_EQ(&order.take_victim(), &nodes[3]);
}

}  // namespace
}  // namespace cache
