#include "cache/store/eviction_ledger.hpp"

#include <gtest/gtest.h>

namespace cache {
namespace {

TEST(EvictionLedgerTest, BeginsAnEpochWhenTheLastOneIsFull)
{
    eviction_ledger ledger{1000};
    ledger.advance(1);
    ledger.add_body(1, 999);
    ledger.advance(2);
    EXPECT_EQ(ledger.epoch_of(2)->first, 0U);
    ledger.add_object(2, 1);
    ledger.advance(3);
    EXPECT_EQ(ledger.epoch_of(3)->first, 3U);
    EXPECT_EQ(ledger.epoch_of(2)->octets(), 1000U);
    EXPECT_TRUE(ledger.check_invariant());
}

TEST(EvictionLedgerTest, EvictsTheOldestIdsFirst)
{
    eviction_ledger ledger{100};
    for (object_id id = 1; id != 5; ++id) {
        ledger.advance(id);
        ledger.add_body(id, 100);
        ledger.add_object(id, 10);
    }
    EXPECT_EQ(ledger.objects(), 4U);
    const auto [evicted, floor] = ledger.evict(5);
    EXPECT_EQ(evicted.objects, 1U);
    EXPECT_EQ(floor, 2U);
    EXPECT_EQ(ledger.floor(), 2U);
    EXPECT_EQ(ledger.epoch_of(1), std::nullopt);
    EXPECT_EQ(ledger.evicted_octets(), 110U);
    EXPECT_EQ(ledger.objects(), 3U);
}

TEST(EvictionLedgerTest, AddsToTheEpochOfTheIdHoweverLate)
{
    eviction_ledger ledger{100};
    ledger.advance(1);
    ledger.add_body(1, 100);
    ledger.advance(2);
    ledger.add_body(1, 50);
    EXPECT_EQ(ledger.epoch_of(1)->body_octets, 150U);
    EXPECT_EQ(ledger.epoch_of(2)->body_octets, 0U);
}

TEST(EvictionLedgerTest, EvictsTheOnlyEpochAndBeginsAnew)
{
    eviction_ledger ledger{100};
    ledger.advance(1);
    ledger.add_object(1, 10);
    EXPECT_EQ(ledger.evict(2).floor, 2U);
    ledger.add_object(1, 10);
    ledger.remove_object(1);
    EXPECT_EQ(ledger.objects(), 0U);
    ledger.add_object(2, 10);
    EXPECT_EQ(ledger.objects(), 1U);
    EXPECT_TRUE(ledger.check_invariant());
}

TEST(EvictionLedgerTest, TakesFromDiskOnlyEpochsAboveTheFloorAndInOrder)
{
    eviction_ledger ledger{100};
    ledger.restore(10, {{5, 1, 1, 1}, {10, 2, 2, 2}, {20, 3, 3, 3}, {15, 4, 4, 4}});
    EXPECT_EQ(ledger.floor(), 10U);
    EXPECT_EQ(ledger.objects(), 5U);
    EXPECT_EQ(ledger.end_of_oldest(), 20U);
    EXPECT_TRUE(ledger.check_invariant());
}

}  // namespace
}  // namespace cache
