#include "dht/core/rate_limiter.hpp"

#include "tests/sim/world/seeded_random.hpp"

#include <gtest/gtest.h>

namespace dht {
namespace {

using namespace std::chrono_literals;

constexpr time_point start{1h};

endpoint at(const char* address, std::uint16_t port = 4128)
{
    return {boost::asio::ip::make_address(address), port};
}

class RateLimiterTest : public ::testing::Test
{
protected:
    unsigned admitted(const endpoint& source, unsigned count, time_point now)
    {
        unsigned passed = 0;
        for (unsigned i = 0; i < count; ++i) {
            passed += limiter.admits(source, now) ? 1 : 0;
        }
        return passed;
    }

    sim::seeded_random random{1};
    rate_limiter limiter{{1'000, 2'000, 4'096}, random};
};

TEST_F(RateLimiterTest, AdmitsABurstAndThenTheRate)
{
    EXPECT_EQ(admitted(at("192.0.2.1"), 5'000, start), 2'000U);
    EXPECT_EQ(admitted(at("192.0.2.1"), 5'000, start + 1s), 1'000U);
    EXPECT_EQ(admitted(at("192.0.2.1"), 5'000, start + 1min), 2'000U);
}

TEST_F(RateLimiterTest, AnotherPortIsTheSameSourceExceptOnLoopback)
{
    admitted(at("192.0.2.1", 1), 2'000, start);
    EXPECT_EQ(admitted(at("192.0.2.1", 2), 1, start), 0U);
    admitted(at("127.0.0.1", 1), 2'000, start);
    EXPECT_EQ(admitted(at("127.0.0.1", 2), 1, start), 1U);
}

TEST_F(RateLimiterTest, AnIpv6SiteIsOneSource)
{
    admitted(at("2001:db8::1"), 2'000, start);
    EXPECT_EQ(admitted(at("2001:db8::2"), 1, start), 0U);
    EXPECT_EQ(admitted(at("2001:db8:0:1::1"), 1, start), 1U);
}

TEST_F(RateLimiterTest, AFloodOfSourcesTakesNothingFromOneThatComesLater)
{
    for (std::uint32_t i = 0; i < 100'000; ++i) {
        limiter.admits({boost::asio::ip::address_v4{i + 1}, 1}, start);
    }
    EXPECT_EQ(admitted(at("192.0.2.1"), 1'000, start + 1s), 1'000U);
}

TEST_F(RateLimiterTest, GrowsWithTheCrowdUpToItsLimitAndForgetsNobody)
{
    const std::size_t first = limiter.slots();
    EXPECT_LE(first, 16U);
    admitted(at("192.0.2.1"), 2'000, start);
    for (std::uint32_t i = 0; i < 1'000; ++i) {
        limiter.admits({boost::asio::ip::address_v4{i + 1}, 1}, start);
    }
    EXPECT_GT(limiter.slots(), first);
    EXPECT_LE(limiter.slots(), 4'096U);
    EXPECT_EQ(admitted(at("192.0.2.1"), 10, start + 1ms), 1U);
    for (std::uint32_t i = 0; i < 100'000; ++i) {
        limiter.admits({boost::asio::ip::address_v4{i + 1}, 1}, start);
    }
    EXPECT_EQ(limiter.slots(), 4'096U);
}

TEST_F(RateLimiterTest, WhatMayWaitIsBookedAtTheRate)
{
    admitted(at("192.0.2.1"), 2'000, start);
    EXPECT_TRUE(limiter.book(at("192.0.2.1"), 50ms, start) == 1ms);
    EXPECT_TRUE(limiter.book(at("192.0.2.1"), 50ms, start) == 2ms);
    for (int i = 2; i < 50; ++i) {
        EXPECT_TRUE(limiter.book(at("192.0.2.1"), 50ms, start));
    }
    EXPECT_FALSE(limiter.book(at("192.0.2.1"), 50ms, start)) << "51 ms are too long";
    EXPECT_TRUE(limiter.book(at("192.0.2.1"), 50ms, start + 1ms) == 50ms)
        << "what was refused took nothing";
}

TEST_F(RateLimiterTest, OneSlotStillLimitsEachOfTwoThatAreBusy)
{
    rate_limiter single{{1'000, 2'000, 1}, random};
    unsigned passed = 0;
    for (int i = 0; i < 3'000; ++i) {
        passed += single.admits(at("192.0.2.1"), start) ? 1 : 0;
        passed += single.admits(at("198.51.100.1"), start) ? 1 : 0;
    }
    EXPECT_EQ(passed, 2'000U);
}

}  // namespace
}  // namespace dht
