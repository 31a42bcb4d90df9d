#include "dht/core/reachability.hpp"

#include <gtest/gtest.h>

namespace dht {
namespace {

using namespace std::chrono_literals;

constexpr time_point start{1h};

endpoint number(std::uint32_t which)
{
    return {boost::asio::ip::address_v4{0x0a000000U + which}, 4128};
}

class ReachabilityTest : public ::testing::Test
{
protected:
    // A round in which so many contacts have passed it on.
    void run_round(std::size_t passed_on)
    {
        ASSERT_TRUE(reached.is_round_due(now));
        reached.begin_round(now);
        EXPECT_FALSE(reached.is_round_due(now)) << "one at a time";
        for (std::size_t i = 0; i < passed_on; ++i) {
            reached.passed_on();
        }
        now += 5s;
    }

    reachability reached{config{}, start};
    time_point now = start + 30s;
};

TEST_F(ReachabilityTest, AStrangersQueryProvesThatWeAreReached)
{
    EXPECT_FALSE(reached.is_round_due(start));
    EXPECT_EQ(reached.verdict(), reach::unknown);
    reached.asked_by(number(1), false, start);
    EXPECT_EQ(reached.verdict(), reach::open);
    EXPECT_FALSE(reached.is_round_due(start + 899s));
    EXPECT_TRUE(reached.is_round_due(start + 900s)) << "gateways are put up and taken down";
}

TEST_F(ReachabilityTest, AQueryFromWhomWeSpokeToProvesNothingUntilAGatewayForgets)
{
    reached.sent_to(number(1), start);
    reached.asked_by(number(1), false, start + 600s);
    EXPECT_EQ(reached.verdict(), reach::unknown);
    reached.asked_by({number(1).address, 1}, false, start + 600s);
    EXPECT_EQ(reached.verdict(), reach::unknown) << "another port of the same address";
    reached.asked_by(number(1), false, start + 602s);
    EXPECT_EQ(reached.verdict(), reach::open);
}

TEST_F(ReachabilityTest, TwoSilentRoundsThatWerePassedOnMeanClosed)
{
    run_round(2);
    EXPECT_EQ(reached.verdict(), reach::unknown);
    run_round(2);
    EXPECT_FALSE(reached.is_round_due(now));
    EXPECT_EQ(reached.verdict(), reach::closed);
    reached.asked_by(number(1), false, now);
    EXPECT_EQ(reached.verdict(), reach::open);
}

TEST_F(ReachabilityTest, ARoundThatWasNotPassedOnTwiceProvesNothing)
{
    for (int i = 0; i < 5; ++i) {
        run_round(1);
        EXPECT_FALSE(reached.is_round_due(now));
        now += 900s;
    }
    EXPECT_EQ(reached.verdict(), reach::unknown);
}

TEST_F(ReachabilityTest, AProbeFromWhomWeSpokeToProvesNothing)
{
    reached.sent_to(number(1), now);
    for (int i = 0; i < 5; ++i) {
        ASSERT_TRUE(reached.is_round_due(now));
        reached.begin_round(now);
        reached.passed_on();
        reached.passed_on();
        reached.sent_to(number(1), now);
        reached.asked_by(number(1), true, now);
        now += 5s;
        EXPECT_FALSE(reached.is_round_due(now));
        now += 900s;
    }
    EXPECT_EQ(reached.verdict(), reach::unknown);
}

TEST_F(ReachabilityTest, WhatProvedNothingIsTriedAgainLaterEachTimeUpToAQuarterOfAnHour)
{
    for (const std::chrono::seconds wait : {30s, 60s, 120s, 240s, 480s, 900s, 900s}) {
        run_round(0);
        EXPECT_FALSE(reached.is_round_due(now));
        EXPECT_FALSE(reached.is_round_due(now + wait - 1s)) << wait.count();
        now += wait;
        EXPECT_TRUE(reached.is_round_due(now)) << wait.count();
    }
}

TEST_F(ReachabilityTest, AnotherAddressIsJudgedAnew)
{
    run_round(2);
    run_round(2);
    EXPECT_FALSE(reached.is_round_due(now));
    reached.moved(now);
    EXPECT_EQ(reached.verdict(), reach::unknown);
    EXPECT_FALSE(reached.is_round_due(now + 29s));
    EXPECT_TRUE(reached.is_round_due(now + 30s));
}

TEST_F(ReachabilityTest, EachVerdictHasAName)
{
    EXPECT_EQ(to_string(reach::unknown), "unknown");
    EXPECT_EQ(to_string(reach::open), "open");
    EXPECT_EQ(to_string(reach::closed), "closed");
}

}  // namespace
}  // namespace dht
