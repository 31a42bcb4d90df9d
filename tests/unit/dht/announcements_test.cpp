#include "dht/core/announcements.hpp"

#include "tests/sim/world/seeded_random.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace dht {
namespace {

using namespace std::chrono_literals;

constexpr time_point start{1h};
const node_id key = sha1("key");

holder holder_at(std::uint8_t host, time_point heard)
{
    const boost::asio::ip::address_v4 address{0xc0000200U + host};
    return {contact_at({address, 1}), "token", {}, heard, heard};
}

class AnnouncementsTest : public ::testing::Test
{
protected:
    void put(time_point now, bool reached_others = true, std::vector<holder> holders = {})
    {
        ASSERT_EQ(own.next_due(now), key);
        own.put_started(key, ++operation, 10);
        EXPECT_FALSE(own.next_due(now));
        own.put_ended(key, std::move(holders), own.put_life(key, now), reached_others, now);
    }

    sim::seeded_random random{1};
    config settings;
    announcements own{settings, random};
    operation_id operation = 0;
};

TEST_F(AnnouncementsTest, IsDueAtOnceAndAgainBeforeHalfItsLifeIsOver)
{
    own.insert(key, pointer{}, start + 10h, start);
    EXPECT_EQ(own.put_life(key, start), 3'600s);
    put(start);
    ASSERT_TRUE(own.next_timeout());
    EXPECT_GE(*own.next_timeout(), start + 900s);
    EXPECT_LE(*own.next_timeout(), start + 1'800s);
}

TEST_F(AnnouncementsTest, APointerInFlightLivesForSeconds)
{
    pointer value;
    value.state = pointer_state::in_flight;
    own.insert(key, value, start + 10h, start);
    EXPECT_EQ(own.put_life(key, start), 20s);
    put(start);
    EXPECT_LE(*own.next_timeout(), start + 10s);
}

TEST_F(AnnouncementsTest, EndsWithItsTime)
{
    own.insert(key, pointer{}, start + 100s, start);
    put(start);
    EXPECT_FALSE(own.next_due(start + 100s));
    EXPECT_EQ(own.size(), 0U);
}

TEST_F(AnnouncementsTest, APutThatReachedNobodyIsTriedAgainSoonAndThenLater)
{
    own.insert(key, pointer{}, start + 10h, start);
    put(start, false);
    const time_point second = *own.next_timeout();
    EXPECT_LE(second, start + 5s);
    put(second, false);
    EXPECT_GE(*own.next_timeout(), second + 5s);
    EXPECT_LE(*own.next_timeout(), second + 10s);
}

TEST_F(AnnouncementsTest, AChangeDuringAPutIsPutAtOnceAfterwards)
{
    own.insert(key, pointer{}, start + 10h, start);
    own.put_started(key, 1, 10);
    own.insert(key, pointer{}, start + 20h, start + 1s);
    EXPECT_FALSE(own.next_due(start + 1s));
    own.put_ended(key, {}, 3'600s, true, start + 2s);
    EXPECT_EQ(own.next_due(start + 2s), key);
}

TEST_F(AnnouncementsTest, IsPutEarlyWhenTheNetworkHasDoubled)
{
    own.insert(key, pointer{}, start + 10h, start);
    put(start);
    own.network_has_grown(19, start + 1s);
    EXPECT_GT(*own.next_timeout(), start + 60s);
    own.network_has_grown(20, start + 1s);
    EXPECT_LE(*own.next_timeout(), start + 2s);
}

TEST_F(AnnouncementsTest, IsPutAgainWithinTheTimeThatNodesLive)
{
    own.insert(key, pointer{}, start + 10h, start);
    put(start);
    own.renew_within(15min, start);
    EXPECT_GE(*own.next_timeout(), start + 450s);
    EXPECT_LE(*own.next_timeout(), start + 15min);
    // Step by step, too.
    for (auto span = 14min; span > 1min; span -= 1min) {
        own.renew_within(span, start);
    }
    own.renew_within(60s, start);
    EXPECT_LE(*own.next_timeout(), start + 90s);
    const time_point next = *own.next_timeout();
    put(next);
    EXPECT_LE(*own.next_timeout(), next + 60s);
    own.renew_within(1h, next);
    put(*own.next_timeout());
    EXPECT_GE(*own.next_timeout(), next + 15min);
}

TEST_F(AnnouncementsTest, RenewalsOfManyKeysAreNoFlood)
{
    for (int i = 0; i < 1'000; ++i) {
        own.insert(sha1(std::to_string(i)), pointer{}, start + 10h, start);
    }
    own.insert(key, pointer{}, start + 10h, start);
    own.renew_within(1s, start);
    own.put_started(key, 1, 10);
    own.put_ended(key, {}, 3'600s, true, start);
    EXPECT_GE(own.at(key).due, start + 10s);
}

TEST_F(AnnouncementsTest, IsPutEarlyWhenAHolderIsLost)
{
    const holder one = holder_at(1, start);
    own.insert(key, pointer{}, start + 10h, start);
    put(start, true, {one});
    const endpoint stranger{boost::asio::ip::make_address("192.0.2.2"), 1};
    EXPECT_TRUE(own.holder_was_lost(stranger, start + 1s).empty());
    EXPECT_GT(*own.next_timeout(), start + 60s);
    EXPECT_EQ(own.holder_was_lost(one.who.at, start + 1s), std::vector{start});
    EXPECT_LE(*own.next_timeout(), start + 2s);
    EXPECT_TRUE(own.at(key).holders.empty());
}

TEST_F(AnnouncementsTest, AsksEachHolderThatWasSilentForLongAndAnnouncementsInTurn)
{
    own.insert(key, pointer{}, start + 10h, start);
    put(start, true, {holder_at(1, start), holder_at(2, start + 10s)});
    EXPECT_FALSE(own.silent_holder(start, start + 60s));
    const auto first = own.silent_holder(start + 1s, start + 61s);
    ASSERT_TRUE(first);
    EXPECT_EQ(first->second.who.at, holder_at(1, start).who.at);
    EXPECT_EQ(first->second.heard, start);
    EXPECT_FALSE(own.silent_holder(start + 2s, start + 62s)) << "it was asked just now";
    const auto second = own.silent_holder(start + 11s, start + 71s);
    ASSERT_TRUE(second);
    EXPECT_EQ(second->second.who.at, holder_at(2, start).who.at);

    const node_id other = sha1("other");
    own.insert(other, pointer{}, start + 10h, start + 100s);
    own.put_started(other, 7, 10);
    own.put_ended(other, {holder_at(3, start)}, 3'600s, true, start + 100s);
    std::set<node_id> asked;
    for (int i = 0; i < 2; ++i) {
        const auto next = own.silent_holder(start + 90s, start + 150s);
        ASSERT_TRUE(next);
        asked.insert(next->first);
    }
    EXPECT_EQ(asked.size(), 2U);
}

TEST_F(AnnouncementsTest, AHolderThatAnsweredIsLeftInPeace)
{
    own.insert(key, pointer{}, start + 10h, start);
    put(start, true, {holder_at(1, start)});
    own.holder_answered(key, holder_at(1, start).who.at, start + 50s);
    own.holder_answered(sha1("other"), holder_at(1, start).who.at, start + 500s);
    EXPECT_FALSE(own.silent_holder(start + 50s, start + 110s));
    EXPECT_TRUE(own.silent_holder(start + 51s, start + 111s));
    EXPECT_EQ(own.at(key).holders.front().heard, start + 50s);
}

TEST_F(AnnouncementsTest, HasALimitButAlwaysTakesAChange)
{
    settings.announcements = 2;
    announcements few{settings, random};
    EXPECT_TRUE(few.insert(sha1("a"), pointer{}, start + 1h, start));
    EXPECT_TRUE(few.insert(sha1("b"), pointer{}, start + 1h, start));
    EXPECT_FALSE(few.insert(sha1("c"), pointer{}, start + 1h, start));
    EXPECT_TRUE(few.insert(sha1("a"), pointer{}, start + 2h, start));
}

TEST_F(AnnouncementsTest, WhatWasRemovedIsNeverDue)
{
    own.insert(key, pointer{}, start + 1h, start);
    EXPECT_TRUE(own.remove(key));
    EXPECT_FALSE(own.remove(key));
    EXPECT_FALSE(own.next_timeout());
    own.put_ended(key, {}, 60s, true, start);
    EXPECT_FALSE(own.next_timeout());
}

}  // namespace
}  // namespace dht
