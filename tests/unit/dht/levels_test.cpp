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
        all_.table().answered(node(number), took, start);
        bool is_of_wider = true;
        for (level_number level = 1; level < all_.count(); ++level) {
            const cluster_summary its =
                level <= narrowest ? all_.near(level).summary(start) : cluster_summary{{9}, 9, 0s};
            all_.near(level).answered(node(number), its, took, is_of_wider, start);
            is_of_wider = level <= narrowest;
        }
        all_.judge_worth(start);
    }

    void store(level_number level, unsigned peer)
    {
        pointer value;
        value.peer = node(peer).at;
        value.life = 60s;
        all_.values(level).put(key, value, admission::ordinary, start);
    }

    config settings_;
    sim::seeded_random random_{1};
    levels all_{node(0).id, settings_, random_, start};
};

TEST_F(LevelsTest, TheWholeNetworkIsOneClusterAndTheOthersAreOwn)
{
    EXPECT_EQ(all_.count(), 3U);
    EXPECT_EQ(all_.scope(0), query_scope{});
    EXPECT_TRUE(all_.is_ours({}));
    EXPECT_TRUE(all_.is_ours(all_.scope(2)));
    EXPECT_FALSE(all_.is_ours({2, all_.scope(1).cluster}));
    EXPECT_FALSE(all_.is_ours({3, {}})) << "there is no such level";
    EXPECT_EQ(all_.summaries(start).size(), 2U);
}

TEST_F(LevelsTest, ALevelThatIsSwitchedOffIsNotThere)
{
    settings_.level_bounds.resize(1);
    const levels one{node(0).id, settings_, random_, start};
    EXPECT_EQ(one.count(), 1U);
    EXPECT_EQ(one.narrowest(), 0);
    EXPECT_TRUE(one.summaries(start).empty());
}

TEST_F(LevelsTest, SearchesBeginWhereSomebodyIsAndSomebodyIsNot)
{
    EXPECT_EQ(all_.narrowest(), 0);
    meet(1, 2);
    EXPECT_EQ(all_.narrowest(), 0) << "the whole network is in our clusters";
    meet(2, 1, 50ms);
    EXPECT_EQ(all_.narrowest(), 2);
    EXPECT_EQ(all_.wider_than(2), 0) << "level 1 is the whole network";
    meet(3, 0, 90ms);
    EXPECT_EQ(all_.wider_than(2), 1);
    EXPECT_EQ(all_.wider_than(1), 0);
}

TEST_F(LevelsTest, ThePointersOfTheNearestLevelComeFirst)
{
    store(0, 1);
    EXPECT_TRUE(all_.pointers(1, key, start).empty());
    store(2, 2);
    ASSERT_EQ(all_.pointers(0, key, start).size(), 1U);
    EXPECT_EQ(all_.pointers(0, key, start)[0].peer, node(2).at);
    EXPECT_EQ(all_.values_stored(), 2U);
    all_.sweep(start + 61s);
    EXPECT_EQ(all_.values_stored(), 0U);
}

TEST_F(LevelsTest, AllTablesFollowTheNodeToAnotherId)
{
    meet(1, 2);
    all_.move_to(node(9).id);
    EXPECT_EQ(all_.table().self(), node(9).id);
    EXPECT_NE(all_.table().find(node(1).id), nullptr);
    EXPECT_NE(all_.table(2).find(node(1).id), nullptr);
    all_.check_invariant();
}

}  // namespace
}  // namespace dht
