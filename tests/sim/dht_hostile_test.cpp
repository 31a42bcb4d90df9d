// Nodes that lie about nodes and values, and nodes that stand beside a key to have it for
// themselves.

#include "tests/sim/reef.hpp"
#include "tests/sim/world/hostile.hpp"

#include <gtest/gtest.h>

#include <cstdio>

namespace sim {
namespace {

using namespace std::chrono_literals;

constexpr lies about_everything{true, true, true};

// Half of 100 nodes lie. A key is lost where all three nodes that store it do.
TEST(DhtHostileTest, AmongLiarsATrueValueIsDelivered)
{
    world reef{21};
    constexpr std::size_t honest = 50;
    populate(reef, 2 * honest);
    for (std::size_t liar = honest; liar < 2 * honest; ++liar) {
        make_liar(reef, liar, about_everything);
    }
    constexpr std::size_t keys = 50;
    std::size_t delivered = 0;
    for (std::size_t i = 0; i < keys; ++i) {
        reef.announce(i, key_number(i), an_hour);
        reef.run_for(10s);
        delivered += is_delivered(reef, (i + 7) % honest, key_number(i), i) ? 1 : 0;
    }
    std::printf("half of the nodes lie: %zu of %zu delivered\n", delivered, keys);
    EXPECT_GE(delivered * 100, keys * 90);
}

TEST(DhtHostileTest, SybilsBesideAKeyDoNotHaveItForThemselves)
{
    std::size_t delivered = 0;
    std::size_t asked = 0;
    for (std::size_t i = 0; i < 3; ++i) {
        world reef{31 + i};
        constexpr std::size_t nodes = 100;
        constexpr unsigned shared_bits = 12;
        populate(reef, nodes);
        const dht::node_id key = key_number(i);
        const auto sybils = endpoints_beside(key, 20, shared_bits);
        for (const dht::endpoint& place : sybils) {
            const std::size_t one =
                reef.add_node_at(place, {reef.random().below(nodes)}, one_level());
            make_liar(reef, one, about_everything, sybils);
        }
        reef.run_for(10min);
        reef.announce(0, key, an_hour);
        reef.run_for(10s);
        for (std::size_t asker = 1; asker < nodes; asker += 10) {
            delivered += is_delivered(reef, asker, key, 0) ? 1 : 0;
            ++asked;
        }
    }
    std::printf("20 Sybils beside a key: %zu of %zu delivered\n", delivered, asked);
    EXPECT_EQ(delivered, asked);
}

}  // namespace
}  // namespace sim
