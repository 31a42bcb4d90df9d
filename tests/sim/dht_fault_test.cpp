// Loss, duplication, restarts, partitions, silence.

#include "tests/sim/reef.hpp"

#include <gtest/gtest.h>

namespace sim {
namespace {

using namespace std::chrono_literals;

TEST(DhtFaultTest, KeysAreFoundUnderTenPercentLoss)
{
    for (std::uint64_t seed = 1; seed <= seeds_wanted(3); ++seed) {
        link_model links;
        links.loss_permille = 100;
        links.duplication_permille = 10;
        links.jitter = 20ms;
        world reef{seed, links};
        populate(reef, 64);
        std::size_t stored = 0;
        for (std::size_t key = 0; key < 64; ++key) {
            stored += reef.put(key, key_number(key), an_hour).copies > 0 ? 1 : 0;
        }
        EXPECT_EQ(stored, 64U);
        const yield result = ask_for_all(reef, 64, 3);
        EXPECT_GE(result.found * 1'000, result.asked * 995);
        std::printf("loss, seed %lu: %zu of %zu found\n", seed, result.found, result.asked);
    }
}

// In a small cluster a search has one node to ask at times, whose answer may be lost.
TEST(DhtFaultTest, KeysAreFoundUnderTwentyPercentLossThroughAllLevels)
{
    link_model links;
    links.loss_permille = 200;
    links.duplication_permille = 100;
    links.reordering_permille = 300;
    links.least_delay = 10ms;
    links.most_delay = 200ms;
    world reef{1, links, dht::config{}};
    constexpr std::size_t nodes = 30;
    populate(reef, nodes);
    for (std::size_t i = 0; i < nodes; ++i) {
        reef.announce(i, key_number(i), an_hour);
    }
    reef.run_for(60s);
    std::size_t found = 0;
    constexpr std::size_t gets = 600;
    for (std::size_t i = 0; i < gets; ++i) {
        const std::size_t key = i % nodes;
        const std::size_t asker = (key + 1 + i / nodes) % nodes;
        found += reef.get(asker, key_number(key), 2'500ms).pointers.empty() ? 0 : 1;
    }
    std::printf("20 %% loss, three levels: %zu of %zu found in 2.5 s\n", found, gets);
    EXPECT_GE(found * 1'000, gets * 990);
}

TEST(DhtFaultTest, NoValueOutlivesItsLife)
{
    world reef{1};
    populate(reef, 32);
    constexpr std::chrono::seconds life{120};
    for (std::size_t key = 0; key < 32; ++key) {
        reef.put(key, key_number(key), life);
    }
    reef.run_for(life);
    EXPECT_EQ(ask_for_all(reef, 32).found, 0U);
    reef.run_for(10s);
    for (std::size_t i = 0; i < 32; ++i) {
        EXPECT_EQ(reef.at(i).snapshot().values_stored, 0U);
    }
}

TEST(DhtFaultTest, AnnouncedPointersOutliveTheirLifeByRenewal)
{
    world reef{2};
    populate(reef, 32);
    reef.announce(0, key_number(0), 4 * an_hour);
    for (int i = 0; i < 15; ++i) {
        reef.run_for(15min);
        EXPECT_FALSE(reef.get(9, key_number(0)).pointers.empty()) << i;
    }
    reef.run_for(20min);
    EXPECT_TRUE(reef.get(9, key_number(0)).pointers.empty());
    EXPECT_EQ(reef.at(0).snapshot().announcements, 0U);
}

TEST(DhtFaultTest, WithdrawnPointersAreGoneAtOnceAndAfterTheirTokensHaveEnded)
{
    world reef{3};
    populate(reef, 32);
    reef.announce(0, key_number(0), an_hour);
    reef.announce(1, key_number(1), an_hour);
    reef.run_for(2s);
    ASSERT_EQ(reef.get(9, key_number(0)).pointers.size(), 1U);
    reef.withdraw(0, key_number(0));
    reef.run_for(2s);
    EXPECT_TRUE(reef.get(9, key_number(0)).pointers.empty());
    reef.run_for(12min);
    ASSERT_EQ(reef.get(9, key_number(1)).pointers.size(), 1U);
    reef.withdraw(1, key_number(1));
    reef.run_for(2s);
    EXPECT_TRUE(reef.get(9, key_number(1)).pointers.empty());
}

TEST(DhtFaultTest, AWithdrawalDuringThePutLeavesNothingBehind)
{
    world reef{4};
    populate(reef, 32);
    reef.announce(0, key_number(0), an_hour);
    reef.run_for(30ms);
    reef.withdraw(0, key_number(0));
    reef.run_for(5s);
    EXPECT_TRUE(reef.get(9, key_number(0)).pointers.empty());
}

TEST(DhtFaultTest, EverybodyIsBackAfterEverybodyRestarted)
{
    world reef{5};
    populate(reef, 32);
    std::vector<std::vector<dht::endpoint>> remembered;
    for (std::size_t i = 0; i < 32; ++i) {
        remembered.push_back(reef.at(i).contacts_to_remember());
        reef.kill(i);
    }
    reef.run_for(5min);
    for (std::size_t i = 0; i < 32; ++i) {
        reef.restart(i, {}, remembered[i]);  // no seeds: only what was remembered
        reef.run_for(200ms);
    }
    reef.run_for(2min);
    for (std::size_t key = 0; key < 32; ++key) {
        EXPECT_GE(reef.put(key, key_number(key), an_hour).copies, 3U);
    }
    const yield result = ask_for_all(reef, 32);
    EXPECT_EQ(result.found, result.asked);
}

TEST(DhtFaultTest, ANodeThatWasCutOffKeepsItsContactsAndComesBack)
{
    world reef{6};
    populate(reef, 32);
    const std::size_t before = reef.at(7).contacts().size();
    reef.move_to_group(7, 1);
    reef.run_for(2h);
    EXPECT_EQ(reef.at(7).contacts().size(), before);
    EXPECT_EQ(reef.at(7).snapshot().good_contacts, 0U);
    reef.move_to_group(7, 0);
    reef.run_for(90s);
    EXPECT_GE(reef.at(7).snapshot().good_contacts, 8U);
    EXPECT_GE(reef.put(7, key_number(7), an_hour).copies, 3U);
    EXPECT_FALSE(reef.get(20, key_number(7)).pointers.empty());
}

TEST(DhtFaultTest, HalvesOfAPartedNetworkFindEachOtherAgain)
{
    world reef{7};
    populate(reef, 40);
    for (std::size_t i = 0; i < 40; i += 2) {
        reef.move_to_group(i, 1);
    }
    reef.run_for(1h);
    for (std::size_t i = 0; i < 40; i += 2) {
        reef.move_to_group(i, 0);
    }
    reef.run_for(40min);
    for (std::size_t key = 0; key < 40; ++key) {
        reef.put(key, key_number(key), an_hour);
    }
    const yield result = ask_for_all(reef, 40);
    EXPECT_EQ(result.found, result.asked);
}

TEST(DhtFaultTest, AQuarterOfTheNodesDiesAndTheRestStillFindsWhatItAnnounced)
{
    world reef{8};
    populate(reef, 64);
    for (std::size_t key = 0; key < 64; ++key) {
        reef.announce(key, key_number(key), 2 * an_hour);
    }
    reef.run_for(1min);
    for (std::size_t i = 48; i < 64; ++i) {
        reef.kill(i);
    }
    const yield at_once = ask_for_all(reef, 48, 5);
    EXPECT_GE(at_once.found * 100, at_once.asked * 95);
    reef.run_for(40min);
    const yield later = ask_for_all(reef, 48, 5);
    EXPECT_EQ(later.found, later.asked);
    std::printf("after the loss of a quarter: %zu of %zu at once, %zu of %zu later\n",
        at_once.found,
        at_once.asked,
        later.found,
        later.asked);
}

TEST(DhtFaultTest, GetsEndWithinTheirBudgetWhenEverybodyFallsSilent)
{
    world reef{9};
    populate(reef, 32);
    for (std::size_t i = 1; i < 32; ++i) {
        reef.kill(i);
    }
    for (std::size_t key = 0; key < 20; ++key) {
        const dht::time_point before = reef.now();
        const dht::get_result result = reef.get(0, key_number(key), 300ms);
        EXPECT_TRUE(result.pointers.empty());
        EXPECT_LE(reef.now() - before, 300ms);
    }
}

// Nothing may spin: a quiet network costs a few datagrams a minute and node.
TEST(DhtFaultTest, AQuietNetworkIsNearlySilent)
{
    world reef{10};
    populate(reef, 64);
    reef.run_for(20min);
    const std::uint64_t datagrams = reef.datagrams();
    const std::uint64_t events = reef.events();
    reef.run_for(60min);
    const double per_node_minute = static_cast<double>(reef.datagrams() - datagrams) / 64 / 60;
    EXPECT_LE(per_node_minute, 60);
    EXPECT_LE(static_cast<double>(reef.events() - events) / 64 / 60, 150);
    std::printf("idle: %.1f datagrams a minute and node\n", per_node_minute);
}

}  // namespace
}  // namespace sim
