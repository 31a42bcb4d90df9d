#include "dht/core/near_level.hpp"

#include "tests/sim/world/seeded_random.hpp"

#include <gtest/gtest.h>

namespace dht {
namespace {

using namespace std::chrono_literals;
using advice = near_level::advice;

constexpr time_point start{10h};

contact node(unsigned number)
{
    return contact_at({boost::asio::ip::address_v4{0xc0000200U + number}, 4128});
}

class NearLevelTest : public testing::Test
{
protected:
    static cluster_summary other(double size)
    {
        cluster_summary out{{}, size, 100s};
        out.id.fill(0xff);
        return out;
    }

    config settings;
    sim::seeded_random random{1};
    node_id self = node(0).id;
    near_level level{2, self, settings, random, start};
};

TEST_F(NearLevelTest, StartsAloneInAClusterOfItsOwn)
{
    EXPECT_EQ(level.scope().level, 2);
    EXPECT_EQ(level.summary(start).size, 1);
    EXPECT_EQ(level.summary(start + 9s).age, 9s);
    EXPECT_FALSE(level.is_worth_searching(start));
}

TEST_F(NearLevelTest, WhoSaysThatItIsInOurClusterHasAPlaceInItsTable)
{
    const cluster_summary ours = level.summary(start);
    level.answered(node(1), ours, 5ms, true, start);
    EXPECT_NE(level.table().find(node(1).id), nullptr);
    EXPECT_EQ(level.summary(start).size, 2);
    level.heard(node(1).id, other(5));
    EXPECT_EQ(level.table().find(node(1).id), nullptr) << "it has left";
}

TEST_F(NearLevelTest, FollowsANeighbourIntoALargerCluster)
{
    EXPECT_EQ(level.answered(node(1), other(5), 5ms, true, start), advice::moved);
    EXPECT_EQ(level.scope().cluster, other(5).id);
    ASSERT_EQ(level.doors(8).size(), 1U);
    EXPECT_EQ(level.doors(8)[0].id, node(1).id);
    EXPECT_EQ(level.statistics_at(start).moves, 1U);
    EXPECT_EQ(level.statistics_at(start).cluster.id, other(5).id);
    EXPECT_EQ(level.statistics_at(start).bound, 20ms);
}

TEST_F(NearLevelTest, WhoeverHasCompanyDoesNotMoveBetweenReviews)
{
    level.answered(node(1), level.summary(start), 5ms, true, start);
    EXPECT_EQ(level.answered(node(2), other(50), 5ms, true, start), advice::stay);
}

TEST_F(NearLevelTest, AMoveLeavesTheOldTableAndItsPointersBehind)
{
    level.answered(node(1), level.summary(start), 90ms, true, start);
    level.answered(node(2), level.summary(start), 90ms, true, start);
    pointer value;
    value.peer = node(1).at;
    value.life = 60s;
    level.values().put(sha1("key"), value, admission::ordinary, start);
    EXPECT_EQ(level.view(start).members_seen, 2U);
    EXPECT_EQ(level.view(start).members_near, 0U);
    EXPECT_EQ(level.review(start), advice::moved) << "all of its members are far";
    EXPECT_EQ(level.table().size(), 0U);
    EXPECT_TRUE(level.values().values(sha1("key"), start).empty());
}

TEST_F(NearLevelTest, IsSearchedWhereTheWiderLevelHasSomebodyElse)
{
    level.answered(node(1), level.summary(start), 5ms, true, start);
    EXPECT_FALSE(level.is_worth_searching(start));
    level.answered(node(2), other(5), 90ms, false, start);
    EXPECT_FALSE(level.is_worth_searching(start)) << "it is not of the wider level either";
    level.answered(node(2), other(5), 90ms, true, start);
    EXPECT_TRUE(level.is_worth_searching(start));
    EXPECT_FALSE(level.is_worth_searching(start + 1h)) << "it may be gone";
}

}  // namespace
}  // namespace dht
