#include "dht/core/cluster_membership.hpp"

#include "tests/sim/world/seeded_random.hpp"

#include <gtest/gtest.h>

namespace dht {
namespace {

using namespace std::chrono_literals;
using advice = cluster_membership::advice;

constexpr time_point start{10h};

contact node(unsigned number)
{
    return contact_at({boost::asio::ip::address_v4{0xc0000200U + number}, 4128});
}

class ClusterMembershipTest : public testing::Test
{
protected:
    // Lower and higher than whatever ID the node has drawn.
    cluster_summary lower(double size, std::chrono::seconds age = 0s) const
    {
        return {cluster_id{}, size, age};
    }
    cluster_summary higher(double size, std::chrono::seconds age = 0s) const
    {
        cluster_summary out{{}, size, age};
        out.id.fill(0xff);
        return out;
    }

    cluster_view own(double size, std::size_t near, std::size_t seen) const
    {
        return {{membership.id(), size, membership.age(now)}, seen, near};
    }
    cluster_view alone() const { return own(1, 0, 0); }

    void answered(unsigned number, const cluster_summary& its, std::chrono::milliseconds took)
    {
        membership.answered(node(number), its, took, now);
    }
    advice met(unsigned number, const cluster_summary& its, std::chrono::milliseconds took)
    {
        answered(number, its, took);
        return membership.met(its, alone().summary, now);
    }

    config settings;
    sim::seeded_random random{1};
    time_point now = start;
    cluster_membership membership{20ms, settings, random, start};
};

TEST_F(ClusterMembershipTest, WhoIsAloneJoinsTheFirstClusterThatIsNear)
{
    EXPECT_EQ(met(1, higher(5), 50ms), advice::stay);
    EXPECT_EQ(met(2, higher(5, 700s), 10ms), advice::moved);
    EXPECT_EQ(membership.id(), higher(5).id);
    EXPECT_EQ(membership.age(now + 10s), 710s);
}

TEST_F(ClusterMembershipTest, OfTwoThatAreAloneTheHigherIdMoves)
{
    EXPECT_EQ(met(1, higher(1), 5ms), advice::stay);
    EXPECT_EQ(met(2, lower(1), 5ms), advice::moved);
}

TEST_F(ClusterMembershipTest, AReviewLeavesAClusterThatIsTooWide)
{
    ASSERT_EQ(met(1, higher(5), 5ms), advice::moved);
    EXPECT_EQ(membership.review(own(5, 2, 4), now), advice::stay);
    EXPECT_EQ(membership.review(own(5, 1, 4), now), advice::moved);
    EXPECT_NE(membership.id(), higher(5).id);
    EXPECT_EQ(membership.age(now), 0s);
}

TEST_F(ClusterMembershipTest, AReviewSamplesALargerClusterBeforeItMoves)
{
    ASSERT_EQ(met(1, higher(5), 5ms), advice::moved);
    now += 1h;
    const cluster_view mine = own(5, 4, 4);
    answered(10, lower(50), 5ms);
    EXPECT_EQ(membership.review(mine, now), advice::sample);
    EXPECT_EQ(membership.candidate(), lower(50).id);
    for (unsigned i = 11; i < 15; ++i) {
        answered(i, lower(50), 5ms);
    }
    EXPECT_EQ(membership.review_sampled(mine, now), advice::moved);
    EXPECT_EQ(membership.id(), lower(50).id);
}

TEST_F(ClusterMembershipTest, WhatTurnsOutToBeFarIsNotJoined)
{
    ASSERT_EQ(met(1, higher(5), 5ms), advice::moved);
    now += 1h;
    const cluster_view mine = own(5, 4, 4);
    answered(10, lower(50), 5ms);
    ASSERT_EQ(membership.review(mine, now), advice::sample);
    answered(11, lower(50), 90ms);
    EXPECT_EQ(membership.review_sampled(mine, now), advice::stay);
}

TEST_F(ClusterMembershipTest, RestsAfterAMove)
{
    ASSERT_EQ(met(1, higher(5), 5ms), advice::moved);
    const cluster_view mine = own(5, 4, 4);
    for (unsigned i = 10; i < 20; ++i) {
        answered(i, lower(50), 5ms);
    }
    EXPECT_EQ(membership.review(mine, now), advice::stay);
    now += settings.cluster_rest * settings.cluster_review;
    EXPECT_EQ(membership.review(mine, now), advice::moved);
}

TEST_F(ClusterMembershipTest, TheOldestMemberTellsTheAge)
{
    membership.learn_age({membership.id(), 5, 500s}, now);
    EXPECT_EQ(membership.age(now), 500s);
    membership.learn_age({membership.id(), 5, 20s}, now);
    EXPECT_EQ(membership.age(now), 500s);
}

TEST_F(ClusterMembershipTest, ReviewsAreSpreadAroundTheirPeriod)
{
    for (int i = 0; i < 100; ++i) {
        membership.review(alone(), now);
        EXPECT_GE(membership.next_review() - now, settings.cluster_review * 3 / 4);
        EXPECT_LE(membership.next_review() - now, settings.cluster_review * 5 / 4);
        EXPECT_FALSE(membership.is_review_due(now));
        now = membership.next_review();
        EXPECT_TRUE(membership.is_review_due(now));
    }
}

}  // namespace
}  // namespace dht
