#include "dht/core/cluster_book.hpp"

#include <gtest/gtest.h>

namespace dht {
namespace {

using namespace std::chrono_literals;

constexpr time_point start{1h};

contact node(unsigned number)
{
    return contact_at({boost::asio::ip::address_v4{0xc0000200U + number}, 4128});
}

cluster_summary cluster(std::uint8_t id, double size = 1)
{
    cluster_summary out;
    out.id.back() = id;
    out.size = size;
    return out;
}

class ClusterBookTest : public testing::Test
{
protected:
    void answered(unsigned number, std::uint8_t its, std::chrono::milliseconds took)
    {
        now += 1s;
        book.answered(node(number), cluster(its), took, now);
    }

    config settings;
    cluster_book book{20ms, settings};
    time_point now = start;
};

TEST_F(ClusterBookTest, CountsWhoIsNear)
{
    answered(1, 7, 5ms);
    answered(2, 7, 80ms);
    answered(3, 8, 5ms);
    const cluster_view seen = book.view(cluster(7).id);
    EXPECT_EQ(seen.members_seen, 2U);
    EXPECT_EQ(seen.members_near, 1U);
    EXPECT_EQ(book.views().size(), 2U);
}

TEST_F(ClusterBookTest, TheLeastRoundTripCounts)
{
    answered(1, 7, 5ms);
    answered(1, 7, 300ms);
    EXPECT_EQ(book.view(cluster(7).id).members_near, 1U);
}

TEST_F(ClusterBookTest, ALongerWayIsBelievedInTheEnd)
{
    answered(1, 7, 5ms);
    answered(2, 7, 5ms);
    for (int i = 0; i < 40; ++i) {
        answered(1, 7, 100ms);
    }
    EXPECT_EQ(book.view(cluster(7).id).members_near, 1U);
}

TEST_F(ClusterBookTest, ClustersWithoutANearMemberAreOfNoUse)
{
    answered(1, 7, 80ms);
    EXPECT_EQ(book.size(), 0U);
    answered(2, 7, 5ms);
    answered(1, 7, 80ms);
    EXPECT_EQ(book.view(cluster(7).id).members_seen, 2U);
}

TEST_F(ClusterBookTest, FollowsAMemberToAnotherCluster)
{
    answered(1, 7, 5ms);
    book.heard(node(1).id, cluster(8, 5));
    EXPECT_EQ(book.view(cluster(7).id).members_seen, 0U);
    EXPECT_EQ(book.view(cluster(8).id).summary.size, 5);
    book.heard(node(2).id, cluster(8));
    EXPECT_EQ(book.size(), 1U) << "who never answered is not known";
}

TEST_F(ClusterBookTest, ForgetsWhoWasSilentLongest)
{
    for (unsigned i = 0; i < settings.members_remembered; ++i) {
        answered(i, 7, 5ms);
    }
    answered(0, 7, 5ms);
    answered(200, 7, 5ms);
    EXPECT_EQ(book.size(), settings.members_remembered);
    bool has_first = false;
    bool has_second = false;
    for (const contact& who : book.members(cluster(7).id, 1'000)) {
        has_first = has_first || who.id == node(0).id;
        has_second = has_second || who.id == node(1).id;
    }
    EXPECT_TRUE(has_first);
    EXPECT_FALSE(has_second);
}

TEST_F(ClusterBookTest, NamesTheNearestMembersFirst)
{
    answered(1, 7, 9ms);
    answered(2, 7, 3ms);
    answered(3, 7, 6ms);
    const std::vector<contact> nearest = book.members(cluster(7).id, 2);
    ASSERT_EQ(nearest.size(), 2U);
    EXPECT_EQ(nearest[0].id, node(2).id);
    EXPECT_EQ(nearest[1].id, node(3).id);
}

}  // namespace
}  // namespace dht
