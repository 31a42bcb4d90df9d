// Joining and finding in a network without faults.

#include "tests/sim/reef.hpp"

#include <gtest/gtest.h>

namespace sim {
namespace {

using namespace std::chrono_literals;

void expect_all_found(std::uint64_t seed, std::size_t nodes, std::size_t stride, double most_hops)
{
    world reef{seed};
    populate(reef, nodes);
    for (std::size_t key = 0; key < nodes; ++key) {
        EXPECT_GE(reef.put(key, key_number(key), an_hour).copies, 3U);
    }
    const yield result = ask_for_all(reef, nodes, stride);
    EXPECT_EQ(result.found, result.asked);
    EXPECT_LE(result.mean_hops(), most_hops);
    std::printf("nodes %zu, seed %lu: %zu gets, %.2f hops, at most %zu\n",
        nodes,
        seed,
        result.asked,
        result.mean_hops(),
        result.most_hops);
}

TEST(DhtLookupTest, EveryKeyIsFoundFromEveryOf64Nodes)
{
    for (std::uint64_t seed = 1; seed <= seeds_wanted(3); ++seed) {
        expect_all_found(seed, 64, 1, 3.0);
    }
}

TEST(DhtLookupTest, EveryKeyIsFoundFromEveryOf200Nodes)
{
    expect_all_found(1, 200, 9, 4.0);
}

TEST(DhtLookupTest, AKeyThatNobodyHasCostsFewQueries)
{
    world reef{4};
    populate(reef, 64);
    std::size_t queries = 0;
    for (std::size_t asker = 0; asker < 64; ++asker) {
        const dht::get_result result = reef.get(asker, key_number(1'000 + asker));
        EXPECT_TRUE(result.pointers.empty());
        EXPECT_FALSE(result.timed_out);
        queries += result.queries;
    }
    EXPECT_LE(queries, 64U * 7);
    std::printf("a miss: %.2f queries\n", static_cast<double>(queries) / 64);
}

TEST(DhtLookupTest, ANetworkOfOneKeepsItsOwnPointersAndEndsAtOnce)
{
    world reef{1};
    reef.add_node({});
    EXPECT_EQ(reef.put(0, key_number(0), an_hour).copies, 1U);
    const dht::time_point before = reef.now();
    const dht::get_result result = reef.get(0, key_number(0));
    // Its own pointer is nothing it could fetch from.
    EXPECT_TRUE(result.pointers.empty());
    EXPECT_FALSE(result.timed_out);
    EXPECT_EQ(reef.now(), before);
    ASSERT_EQ(reef.at(0).stored(key_number(0), reef.now()).size(), 1U);
    // Who comes later finds what was stored when there was nobody else.
    reef.add_node({0});
    reef.run_for(1s);
    EXPECT_EQ(reef.get(1, key_number(0)).pointers.size(), 1U);
}

TEST(DhtLookupTest, PointersAnnouncedToAFewAreFoundWhenTheNetworkHasGrown)
{
    world reef{5};
    for (std::size_t i = 0; i < 3; ++i) {
        reef.add_node(i == 0 ? std::vector<std::size_t>{} : std::vector<std::size_t>{0});
        reef.run_for(100ms);
        reef.announce(i, key_number(i), an_hour);
    }
    for (std::size_t i = 3; i < 64; ++i) {
        reef.add_node({0});
        reef.run_for(1s);
    }
    reef.run_for(30s);
    const yield result = ask_for_all(reef, 3);
    EXPECT_EQ(result.found, result.asked);
}

TEST(DhtLookupTest, NetworksOfDifferentNamesNeverMerge)
{
    world reef{6};
    dht::config other = one_level();
    other.network = "another";
    for (std::size_t i = 0; i < 16; ++i) {
        const std::vector<std::size_t> seeds =
            i == 0 ? std::vector<std::size_t>{} : std::vector{i - 1};
        reef.add_node(seeds, i % 2 == 0 ? one_level() : other);
        reef.run_for(1s);
    }
    // Each node's seed is of the other network, so nobody may know anybody.
    reef.run_for(1'000s);
    for (std::size_t i = 0; i < 16; ++i) {
        EXPECT_TRUE(reef.at(i).contacts().empty()) << i;
    }
    EXPECT_GT(reef.at(0).snapshot().drops(dht::drop_reason::other_network), 0U);
}

TEST(DhtLookupTest, TheSameSeedGivesTheSameTrace)
{
    const auto trace_of = [](std::uint64_t seed) {
        link_model links;
        links.loss_permille = 50;
        links.duplication_permille = 20;
        world reef{seed, links};
        populate(reef, 20);
        reef.put(3, key_number(3), an_hour);
        reef.get(5, key_number(3));
        return reef.trace();
    };
    EXPECT_EQ(trace_of(11), trace_of(11));
    EXPECT_NE(trace_of(11), trace_of(12));
}

}  // namespace
}  // namespace sim
