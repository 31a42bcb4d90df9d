#include "dht/core/mortality.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace dht {
namespace {

using namespace std::chrono_literals;

constexpr time_point start{1h};

TEST(MortalityTest, KnowsNothingAtFirst)
{
    EXPECT_EQ(mortality{}.quarter_life(start), 30min);
}

// Forty contacts, of which one dies every so often, each seen once a minute.
duration after_an_hour(std::chrono::seconds between_deaths)
{
    mortality seen;
    time_point now = start;
    auto next_death = now + between_deaths;
    for (; now < start + 1h; now += 1min) {
        for (int i = 0; i < 40; ++i) {
            seen.survived(1min, now);
        }
        for (; next_death <= now; next_death += between_deaths) {
            seen.died(1min, now);
        }
    }
    return seen.quarter_life(now);
}

TEST(MortalityTest, TellsTheLifetimeOfItsContacts)
{
    // Forty nodes with a mean life of 40 times the time between deaths.
    for (const auto between : {10s, 60s, 300s}) {
        const auto expected = std::chrono::duration<double>(between) * 40 / 4;
        const auto told = std::chrono::duration<double>(after_an_hour(between));
        EXPECT_NEAR(told / expected, 1, 0.25) << between.count();
    }
    EXPECT_GT(after_an_hour(10h), 2h);
}

TEST(MortalityTest, ForgetsABadHour)
{
    mortality seen;
    for (int i = 0; i < 1'000; ++i) {
        seen.died(10s, start);
    }
    EXPECT_LT(seen.quarter_life(start), 10s);
    EXPECT_GT(seen.quarter_life(start + 3h), 20min);
}

}  // namespace
}  // namespace dht
