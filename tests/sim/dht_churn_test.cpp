// Values outlive the nodes that store them.

#include "tests/sim/reef.hpp"
#include "tests/sim/world/churn.hpp"

#include <gtest/gtest.h>

#include <cstdio>

namespace sim {
namespace {

using namespace std::chrono_literals;

// Half of 100 nodes are replaced in every minute; a quarter of them stay, and each of those has put
// one key.
TEST(DhtChurnTest, WhatALivingNodeAnnouncesIsFoundWhileHalfTheOthersAreReplacedEveryMinute)
{
    world reef{11};
    constexpr std::size_t nodes = 100;
    constexpr std::size_t staying = nodes / 4;
    populate(reef, nodes);
    for (std::size_t i = 0; i < staying; ++i) {
        reef.announce(i, key_number(i), 2 * an_hour);
    }
    const churn coming_and_going{reef, churn_of(reef, 50, staying)};
    reef.run_for(5min);
    std::size_t told = 0;
    std::size_t found = 0;
    for (int second = 0; second < 300; ++second) {
        const std::size_t key = reef.random().below(staying);
        std::size_t asker = key;
        while (asker == key) {
            asker = random_up(reef);
        }
        // Who dies while it asks is told nothing.
        const auto count = [&](const dht::get_result& got) {
            ++told;
            found += got.pointers.empty() ? 0 : 1;
        };
        reef.begin_get(asker, key_number(key), count, 2'500ms);
        reef.run_for(1s);
    }
    reef.run_for(3s);
    std::printf("half of the nodes replaced every minute: %zu of %zu found\n", found, told);
    EXPECT_GE(told, 280U);
    EXPECT_GE(found * 100, told * 95);
}

}  // namespace
}  // namespace sim
