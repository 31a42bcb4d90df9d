#include "dht/core/random_source.hpp"

#include "dht/net/system_random.hpp"
#include "tests/sim/world/seeded_random.hpp"

#include <gtest/gtest.h>

#include <array>
#include <set>

namespace dht {
namespace {

TEST(RandomSourceTest, StaysBelowItsBoundAndReachesAllOfIt)
{
    sim::seeded_random random{1};
    std::set<std::size_t> seen;
    for (int i = 0; i < 1'000; ++i) {
        const std::size_t value = random.below(7);
        ASSERT_LT(value, 7U);
        seen.insert(value);
    }
    EXPECT_EQ(seen.size(), 7U);
    EXPECT_EQ(random.below(1), 0U);
}

TEST(RandomSourceTest, SystemGivesOtherOctetsEachTime)
{
    system_random random;
    std::set<std::array<std::uint8_t, 20>> seen;
    for (int i = 0; i < 100; ++i) {
        std::array<std::uint8_t, 20> octets{};
        random.fill(octets);
        seen.insert(octets);
    }
    EXPECT_EQ(seen.size(), 100U);
}

}  // namespace
}  // namespace dht
