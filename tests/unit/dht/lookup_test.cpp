#include "dht/core/lookup.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace dht {
namespace {

contact at_distance(std::uint8_t octet)
{
    contact who;
    node_id::array octets{};
    octets[0] = octet;
    who.id = node_id{octets};
    who.at = {boost::asio::ip::address_v4{0x0a000000U + octet}, 4128};
    return who;
}

std::vector<contact> at_distances(std::uint8_t first, std::uint8_t last)
{
    std::vector<contact> out;
    for (int octet = first; octet <= last; ++octet) {
        out.push_back(at_distance(static_cast<std::uint8_t>(octet)));
    }
    return out;
}

TEST(LookupTest, AsksTheClosestAndNoMoreThanAlphaAtATime)
{
    lookup find{node_id{}, config{}, at_distances(1, 10)};
    for (std::uint8_t octet = 1; octet <= 3; ++octet) {
        EXPECT_EQ(find.next()->id, at_distance(octet).id);
    }
    EXPECT_FALSE(find.next());
    EXPECT_FALSE(find.is_finished());
    find.answered(at_distance(2).at, {});
    EXPECT_EQ(find.next()->id, at_distance(4).id);
}

TEST(LookupTest, EndsWhenTheClosestEightHaveAnswered)
{
    lookup find{node_id{}, config{}, at_distances(1, 20)};
    std::size_t asked = 0;
    while (const auto who = find.next()) {
        find.answered(who->at, {});
        ++asked;
    }
    EXPECT_EQ(asked, 8U);
    EXPECT_TRUE(find.is_finished());
    EXPECT_EQ(find.answers(), 8U);
}

TEST(LookupTest, FollowsAnswersToCloserNodes)
{
    lookup find{node_id{}, config{}, at_distances(100, 100)};
    const auto first = find.next();
    ASSERT_TRUE(first);
    EXPECT_FALSE(find.next());
    find.answered(first->at, at_distances(7, 7));
    EXPECT_EQ(find.next()->id, at_distance(7).id);
}

TEST(LookupTest, GoesOnPastFailures)
{
    lookup find{node_id{}, config{}, at_distances(1, 20)};
    std::size_t answered = 0;
    std::size_t asked = 0;
    while (const auto who = find.next()) {
        ++asked;
        if (asked % 2 == 0) {
            find.failed(who->at);
        } else {
            find.answered(who->at, {});
            ++answered;
        }
    }
    EXPECT_TRUE(find.is_finished());
    EXPECT_EQ(answered, 8U);
}

TEST(LookupTest, AnOverdueQueryMakesRoomForAnotherButIsWaitedFor)
{
    lookup find{node_id{}, config{}, at_distances(1, 4)};
    find.next();
    find.next();
    find.next();
    EXPECT_FALSE(find.next());
    find.overdue(at_distance(1).at);
    EXPECT_EQ(find.next()->id, at_distance(4).id);
    for (std::uint8_t octet = 2; octet <= 4; ++octet) {
        find.answered(at_distance(octet).at, {});
    }
    EXPECT_FALSE(find.is_finished());
    find.failed(at_distance(1).at);
    EXPECT_TRUE(find.is_finished());
}

TEST(LookupTest, LiesCostABoundedNumberOfQueries)
{
    config settings;
    settings.bucket_size = 250;
    settings.shortlist_size = 250;
    lookup find{node_id{}, settings, at_distances(1, 255)};
    std::size_t asked = 0;
    while (const auto who = find.next()) {
        find.failed(who->at);
        ++asked;
    }
    EXPECT_EQ(asked, settings.queries_per_walk);
    EXPECT_TRUE(find.is_finished());
}

TEST(LookupTest, WithoutAnybodyItIsOverBeforeItBegins)
{
    lookup find{node_id{}, config{}, {}};
    EXPECT_FALSE(find.next());
    EXPECT_TRUE(find.is_finished());
}

}  // namespace
}  // namespace dht
