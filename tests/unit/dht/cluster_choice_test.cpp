#include "dht/core/cluster_choice.hpp"

#include <gtest/gtest.h>

namespace dht {
namespace {

using namespace std::chrono_literals;

const config settings;

cluster_summary cluster(std::uint8_t id, double size, std::chrono::seconds age)
{
    cluster_summary out;
    out.id.back() = id;
    out.size = size;
    out.age = age;
    return out;
}

cluster_view view(std::size_t near, std::size_t seen)
{
    cluster_view out;
    out.members_near = near;
    out.members_seen = seen;
    return out;
}

TEST(ClusterChoiceTest, FourOfFiveMembersMustBeNearToJoin)
{
    EXPECT_TRUE(is_acceptable(view(4, 5), settings));
    EXPECT_FALSE(is_acceptable(view(3, 4), settings));
    EXPECT_TRUE(is_acceptable(view(1, 1), settings));
    EXPECT_FALSE(is_acceptable(view(0, 0), settings)) << "nothing is known of it";
}

TEST(ClusterChoiceTest, MoreThanHalfMustBeFarToLeave)
{
    EXPECT_FALSE(is_too_wide(view(2, 4), settings));
    EXPECT_TRUE(is_too_wide(view(1, 3), settings));
    EXPECT_FALSE(is_too_wide(view(0, 0), settings)) << "who is alone has nobody to leave";
}

TEST(ClusterChoiceTest, TwofoldSizeDecidesInEvenHoursAndFourfoldInOddOnes)
{
    EXPECT_EQ(least_difference(0s, settings), 1);
    EXPECT_EQ(least_difference(59min, settings), 1);
    EXPECT_EQ(least_difference(60min, settings), 2);
    EXPECT_EQ(least_difference(119min, settings), 2);
    EXPECT_EQ(least_difference(120min, settings), 1);
}

TEST(ClusterChoiceTest, TheLargerOneIsPreferred)
{
    EXPECT_TRUE(is_preferred(cluster(9, 21, 10s), cluster(1, 10, 10s), settings));
    EXPECT_FALSE(is_preferred(cluster(1, 10, 10s), cluster(9, 21, 10s), settings));
}

TEST(ClusterChoiceTest, AmongSimilarSizesInAnOddHourTheLowerIdIs)
{
    EXPECT_FALSE(is_preferred(cluster(9, 39, 90min), cluster(1, 10, 90min), settings));
    EXPECT_TRUE(is_preferred(cluster(1, 10, 90min), cluster(9, 39, 90min), settings));
    EXPECT_TRUE(is_preferred(cluster(9, 41, 90min), cluster(1, 10, 90min), settings));
    // The younger one's hour counts.
    EXPECT_TRUE(is_preferred(cluster(9, 39, 90min), cluster(1, 10, 30min), settings));
}

TEST(ClusterChoiceTest, OfTwoClustersExactlyOneIsPreferred)
{
    for (const double size : {1.0, 2.0, 10.0, 40.0, 1'000.0}) {
        for (const auto age : {0min, 61min, 130min}) {
            const cluster_summary one = cluster(1, 10, 70min);
            const cluster_summary other = cluster(2, size, age);
            EXPECT_NE(is_preferred(one, other, settings), is_preferred(other, one, settings))
                << size << " nodes, " << age.count() << " min";
        }
    }
    EXPECT_FALSE(is_preferred(cluster(1, 10, 0s), cluster(1, 90, 0s), settings)) << "the same";
}

}  // namespace
}  // namespace dht
