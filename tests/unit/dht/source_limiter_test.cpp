#include "dht/core/source_limiter.hpp"

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

class SourceLimiterTest : public ::testing::Test
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
    source_limiter limiter{config{}, random};
};

TEST_F(SourceLimiterTest, AdmitsABurstAndThenTheRate)
{
    EXPECT_EQ(admitted(at("192.0.2.1"), 5'000, start), 2'000U);
    EXPECT_EQ(admitted(at("192.0.2.1"), 5'000, start + 1s), 1'000U);
    EXPECT_EQ(admitted(at("192.0.2.1"), 5'000, start + 1min), 2'000U);
}

TEST_F(SourceLimiterTest, AnotherPortIsTheSameSourceExceptOnLoopback)
{
    admitted(at("192.0.2.1", 1), 2'000, start);
    EXPECT_EQ(admitted(at("192.0.2.1", 2), 1, start), 0U);
    admitted(at("127.0.0.1", 1), 2'000, start);
    EXPECT_EQ(admitted(at("127.0.0.1", 2), 1, start), 1U);
}

TEST_F(SourceLimiterTest, AnIpv6SiteIsOneSource)
{
    admitted(at("2001:db8::1"), 2'000, start);
    EXPECT_EQ(admitted(at("2001:db8::2"), 1, start), 0U);
    EXPECT_EQ(admitted(at("2001:db8:0:1::1"), 1, start), 1U);
}

TEST_F(SourceLimiterTest, AFloodOfSourcesTakesNothingFromOneThatComesLater)
{
    for (std::uint32_t i = 0; i < 100'000; ++i) {
        limiter.admits({boost::asio::ip::address_v4{i + 1}, 1}, start);
    }
    EXPECT_EQ(admitted(at("192.0.2.1"), 1'000, start + 1s), 1'000U);
}

}  // namespace
}  // namespace dht
