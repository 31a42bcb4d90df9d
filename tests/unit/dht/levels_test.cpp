#include "dht/core/levels.hpp"

#include "tests/sim/world/seeded_random.hpp"

#include <gtest/gtest.h>

namespace dht {
namespace {

using namespace std::chrono_literals;

constexpr time_point start{10h};
const node_id key = sha1("key");

contact node(unsigned number)
{
    return contact_at({boost::asio::ip::address_v4{0xc0000200U + number}, 4128});
}

class LevelsTest : public testing::Test
{
protected:
    void meet(unsigned number, level_number narrowest, std::chrono::milliseconds took = 5ms)
    {
        all.table().answered(node(number), took, start);
        bool is_of_wider = true;
        for (level_number level = 1; level < all.count(); ++level) {
            const cluster_summary its =
                level <= narrowest ? all.near(level).summary(start) : cluster_summary{{9}, 9, 0s};
            all.near(level).answered(node(number), its, took, is_of_wider, start);
            is_of_wider = level <= narrowest;
        }
        all.judge_worth(start);
    }

    void store(level_number level, unsigned peer)
    {
        pointer value;
        value.peer = node(peer).at;
        value.life = 60s;
        all.values(level).put(key, value, admission::ordinary, start);
    }

    config settings;
    sim::seeded_random random{1};
    levels all{node(0).id, settings, random, start};
};

TEST_F(LevelsTest, TheWholeNetworkIsOneClusterAndTheOthersAreOwn)
{
    EXPECT_EQ(all.count(), 3U);
    EXPECT_EQ(all.scope(0), query_scope{});
    EXPECT_TRUE(all.is_ours({}));
    EXPECT_TRUE(all.is_ours(all.scope(2)));
    EXPECT_FALSE(all.is_ours({2, all.scope(1).cluster}));
    EXPECT_FALSE(all.is_ours({3, {}})) << "there is no such level";
    EXPECT_EQ(all.summaries(start).size(), 2U);
}

TEST_F(LevelsTest, ALevelThatIsSwitchedOffIsNotThere)
{
    settings.level_bounds.resize(1);
    const levels one{node(0).id, settings, random, start};
    EXPECT_EQ(one.count(), 1U);
    EXPECT_EQ(one.narrowest(), 0);
    EXPECT_TRUE(one.summaries(start).empty());
}

TEST_F(LevelsTest, SearchesBeginWhereSomebodyIsAndSomebodyIsNot)
{
    EXPECT_EQ(all.narrowest(), 0);
    meet(1, 2);
    EXPECT_EQ(all.narrowest(), 0) << "the whole network is in our clusters";
    meet(2, 1, 50ms);
    EXPECT_EQ(all.narrowest(), 2);
    EXPECT_EQ(all.wider_than(2), 0) << "level 1 is the whole network";
    meet(3, 0, 90ms);
    EXPECT_EQ(all.wider_than(2), 1);
    EXPECT_EQ(all.wider_than(1), 0);
}

TEST_F(LevelsTest, ThePointersOfTheNearestLevelComeFirst)
{
    store(0, 1);
    EXPECT_TRUE(all.pointers(1, key, start).empty());
    store(2, 2);
    ASSERT_EQ(all.pointers(0, key, start).size(), 1U);
    EXPECT_EQ(all.pointers(0, key, start)[0].peer, node(2).at);
    EXPECT_EQ(all.values_stored(), 2U);
    all.sweep(start + 61s);
    EXPECT_EQ(all.values_stored(), 0U);
}

TEST_F(LevelsTest, AllTablesFollowTheNodeToAnotherId)
{
    meet(1, 2);
    all.move_to(node(9).id);
    EXPECT_EQ(all.table().self(), node(9).id);
    EXPECT_NE(all.table().find(node(1).id), nullptr);
    EXPECT_NE(all.table(2).find(node(1).id), nullptr);
    all.check_invariant();
}

}  // namespace
}  // namespace dht
