#include "dht/core/held_leases.hpp"

#include <gtest/gtest.h>

namespace dht {
namespace {

using namespace std::chrono_literals;

constexpr time_point start{1h};
const node_id key = sha1("key");

TEST(HeldLeasesTest, ALeaseIsDueEveryThreeSeconds)
{
    const config settings;
    held_leases held{settings};
    EXPECT_TRUE(held.insert(key, 7, std::nullopt, start));
    EXPECT_FALSE(held.next_due(start + 3s - 1ns));
    for (int i = 1; i <= 5; ++i) {
        EXPECT_EQ(held.next_timeout(), start + i * 3s);
        EXPECT_EQ(held.next_due(start + i * 3s), key);
        EXPECT_FALSE(held.next_due(start + i * 3s));
    }
}

TEST(HeldLeasesTest, OnlyAnAnsweredRenewalExtendsIt)
{
    const config settings;
    held_leases held{settings};
    held.insert(key, 7, holder{contact{}, "old"}, start);
    held.next_due(start + 3s);
    EXPECT_EQ(held.at(key).expires, start + 10s);
    held.renewed(key, 6, "other", start + 4s);
    EXPECT_EQ(held.at(key).expires, start + 10s) << "another number";
    held.renewed(key, 7, "new", start + 4s);
    EXPECT_EQ(held.at(key).expires, start + 14s);
    EXPECT_EQ(held.at(key).grantor->token, "new");
    held.renewed(key, 7, "", start + 5s);
    EXPECT_EQ(held.at(key).grantor->token, "new");
}

TEST(HeldLeasesTest, IsFoundAndRemovedByItsNumberOnly)
{
    const config settings;
    held_leases held{settings};
    held.insert(key, 7, std::nullopt, start);
    EXPECT_EQ(held.find(key, 6), nullptr);
    EXPECT_FALSE(held.remove(key, 6));
    ASSERT_NE(held.find(key, 7), nullptr);
    EXPECT_TRUE(held.remove(key, 7));
    EXPECT_FALSE(held.next_timeout());
}

TEST(HeldLeasesTest, ALaterLeaseOfAKeyReplacesTheFormer)
{
    const config settings;
    held_leases held{settings};
    held.insert(key, 7, std::nullopt, start);
    held.find(key, 7)->progress.received_octets = 1'000;
    held.insert(key, 7, std::nullopt, start);
    EXPECT_EQ(held.at(key).progress.received_octets, 1'000U) << "the same lease again";
    held.insert(key, 8, std::nullopt, start + 1s);
    EXPECT_EQ(held.at(key).progress.received_octets, 0U);
    EXPECT_EQ(held.size(), 1U);
    EXPECT_EQ(held.find(key, 7), nullptr);
    EXPECT_FALSE(held.next_due(start + 3s));
    EXPECT_TRUE(held.next_due(start + 4s));
}

TEST(HeldLeasesTest, TooManyAreRefused)
{
    config settings;
    settings.leases_held = 1;
    held_leases held{settings};
    EXPECT_TRUE(held.insert(key, 7, std::nullopt, start));
    EXPECT_TRUE(held.is_full());
    EXPECT_FALSE(held.insert(sha1("other"), 8, std::nullopt, start));
    EXPECT_TRUE(held.insert(key, 9, std::nullopt, start)) << "the same key again";
    EXPECT_EQ(held.some(5).size(), 1U);
    EXPECT_TRUE(held.some(0).empty());
}

}  // namespace
}  // namespace dht
