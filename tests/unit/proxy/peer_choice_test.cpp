#include "proxy/core/peer_choice.hpp"

#include <gtest/gtest.h>

namespace proxy {
namespace {

using time_point = peer_health::time_point;

peer_address at(std::uint16_t port)
{
    return {boost::asio::ip::make_address("127.0.0.1"), port};
}

std::size_t first(std::size_t)
{
    return 0;
}

std::vector<std::uint16_t> ports(const std::vector<peer_candidate>& candidates)
{
    std::vector<std::uint16_t> all;
    for (const peer_candidate& one : candidates) {
        all.push_back(one.where.port);
    }
    return all;
}

TEST(PeerChoiceTest, WholeCopiesComeBeforeThoseStillArriving)
{
    const auto chosen = choose_peers(
        {{at(1), false, 0}, {at(2), true, 9}, {at(3), true, 5}}, {at(9)}, peer_health{}, {}, first);
    EXPECT_EQ(ports(chosen), (std::vector<std::uint16_t>{3, 2, 1}));
}

TEST(PeerChoiceTest, LeavesOutOurselvesRepetitionsAndWhoRefuses)
{
    const auto chosen =
        choose_peers({{at(9), true, 0}, {at(1), true, 0}, {at(1), false, 0}, {at(2), true, 255}},
            {at(9)},
            peer_health{},
            {},
            first);
    EXPECT_EQ(ports(chosen), (std::vector<std::uint16_t>{1}));
}

TEST(PeerChoiceTest, LeavesOutWhoFailedAMomentAgoUntilItsTimeIsOver)
{
    peer_health health;
    const time_point now{std::chrono::hours{1}};
    health.failed(at(1), now);
    EXPECT_TRUE(choose_peers({{at(1), true, 0}}, {at(9)}, health, now, first).empty());
    EXPECT_EQ(choose_peers({{at(1), true, 0}}, {at(9)}, health, now + peer_health::avoidance, first)
                  .size(),
        1U);
}

TEST(PeerChoiceTest, EqualsAreShuffled)
{
    const auto last = [](std::size_t n) { return n - 1; };
    const std::vector<peer_candidate> equals{{at(1), true, 0}, {at(2), true, 0}, {at(3), true, 0}};
    EXPECT_NE(ports(choose_peers(equals, {at(9)}, peer_health{}, {}, first)),
        ports(choose_peers(equals, {at(9)}, peer_health{}, {}, last)));
}

TEST(PeerHealthTest, AnAnswerEndsTheAvoidance)
{
    peer_health health;
    health.failed(at(1), {});
    health.answered(at(1));
    EXPECT_FALSE(health.avoided(at(1), {}));
}

TEST(PeerHealthTest, WhenFullTheEntryThatEndsFirstMakesRoom)
{
    peer_health health{2};
    const time_point now{};
    health.failed(at(1), now);
    health.failed(at(2), now + std::chrono::seconds{1});
    health.failed(at(3), now + std::chrono::seconds{2});
    EXPECT_FALSE(health.avoided(at(1), now));
    EXPECT_TRUE(health.avoided(at(2), now));
    EXPECT_TRUE(health.avoided(at(3), now));
}

}  // namespace
}  // namespace proxy
