// Announcements between a few nodes that hear each other at once.

#include "dht/core/node.hpp"
#include "tests/unit/dht/five_nodes.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace dht {
namespace {

using namespace std::chrono_literals;

class NodePutsTest : public five_nodes
{
};

TEST_F(NodePutsTest, AnAnnouncementReplacesTheOneBefore)
{
    pointer value;
    value.state = pointer_state::in_flight;
    value.load = 3;
    reef.announce(1, key, 20s, value);
    reef.run_for(2s);
    value.state = pointer_state::complete;
    value.version_tag = 42;
    reef.announce(1, key, 3'600s, value);
    reef.run_for(2s);
    const get_result found = reef.get(3, key);
    ASSERT_EQ(found.pointers.size(), 1U);
    EXPECT_EQ(found.pointers[0].state, pointer_state::complete);
    EXPECT_EQ(found.pointers[0].version_tag, 42U);
    EXPECT_GT(found.pointers[0].life, 3'500s);
}

TEST_F(NodePutsTest, PointersInFlightAreRenewedForAsLongAsTheyAreAnnounced)
{
    pointer value;
    value.state = pointer_state::in_flight;
    reef.announce(1, key, 120s, value);
    for (int i = 0; i < 11; ++i) {
        reef.run_for(10s);
        EXPECT_EQ(reef.get(3, key).pointers.size(), 1U) << i;
    }
    reef.run_for(40s);
    EXPECT_TRUE(reef.get(3, key).pointers.empty());
}

TEST_F(NodePutsTest, TooManyAnnouncementsAreRefused)
{
    config settings;
    settings.announcements = 1;
    const std::size_t small = reef.add_node({0}, settings);
    EXPECT_TRUE(reef.at(small).announce(key, {}, 60s, reef.now()));
    EXPECT_FALSE(reef.at(small).announce(sha1("other"), {}, 60s, reef.now()));
}

}  // namespace
}  // namespace dht
