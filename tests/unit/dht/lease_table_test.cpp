#include "dht/core/lease_table.hpp"

#include <gtest/gtest.h>

namespace dht {
namespace {

using namespace std::chrono_literals;

constexpr time_point start{1h};
const node_id key = sha1("key");

endpoint number(std::uint32_t which)
{
    return {boost::asio::ip::address_v4{0x0a000000U + which}, 4128};
}

class LeaseTableTest : public ::testing::Test
{
protected:
    lease_number grant_to(std::uint32_t asker, time_point now = start)
    {
        const auto granted = leases.grant(key, number(asker), 10s, now);
        EXPECT_TRUE(granted && granted->granted);
        return granted ? granted->number : 0;
    }

    bool is_led_by(std::uint32_t asker, time_point now)
    {
        const auto held = leases.find(key, number(asker), now);
        return held && held->granted;
    }

    config settings;
    lease_table leases{settings};
};

TEST_F(LeaseTableTest, TheFirstLeadsAndTheOthersHearOfHim)
{
    const lease_number first = grant_to(1);
    EXPECT_FALSE(leases.grant(key, number(2), 10s, start));
    const auto told = leases.find(key, number(2), start + 3500ms);
    ASSERT_TRUE(told);
    EXPECT_FALSE(told->granted);
    EXPECT_EQ(told->holder, number(1));
    EXPECT_EQ(told->number, first);
    EXPECT_EQ(told->left, 7s);
    EXPECT_TRUE(is_led_by(1, start)) << "who asks again hears the same";
}

TEST_F(LeaseTableTest, ALeaseEndsByItselfAndTheNextNumberIsHigher)
{
    const lease_number first = grant_to(1);
    EXPECT_TRUE(is_led_by(1, start + 10s - 1ns));
    EXPECT_FALSE(leases.find(key, number(1), start + 10s));
    const lease_number second = grant_to(2, start + 10s);
    EXPECT_GT(second, first);
    EXPECT_TRUE(leases.end(key, number(2), second, start + 10s));
    EXPECT_GT(grant_to(1, start + 10s), second) << "over leases that are forgotten, too";
}

TEST_F(LeaseTableTest, NobodyIsGrantedMoreThanTheLongestLife)
{
    EXPECT_EQ(leases.grant(key, number(1), 3'600s, start)->left, settings.lease_life);
    EXPECT_EQ(leases.grant(sha1("other"), number(1), 2s, start)->left, 2s);
}

TEST_F(LeaseTableTest, RenewalsKeepALeaseAndOnlyItsHolderCanRenewIt)
{
    const lease_number first = grant_to(1);
    for (time_point now = start; now < start + 60s; now += 9s) {
        EXPECT_TRUE(leases.renew(key, number(1), first, 0, now));
    }
    EXPECT_FALSE(leases.renew(key, number(2), first, 0, start + 63s));
    EXPECT_FALSE(leases.renew(key, number(1), first + 1, 0, start + 63s));
    EXPECT_FALSE(leases.renew(sha1("other"), number(1), first, 0, start + 63s));
    EXPECT_FALSE(leases.end(key, number(2), first, start + 63s));
    EXPECT_TRUE(is_led_by(1, start + 63s));
    EXPECT_FALSE(leases.renew(key, number(1), first, 0, start + 80s)) << "it has ended";
}

TEST_F(LeaseTableTest, AReportPingsTheHolderOnceAndSilenceEndsTheLease)
{
    const lease_number first = grant_to(1);
    EXPECT_FALSE(leases.report(key, number(2), first, start));
    EXPECT_FALSE(leases.report(key, number(3), first, start));
    const auto check = leases.next_check();
    ASSERT_TRUE(check);
    EXPECT_EQ(check->holder, number(1));
    EXPECT_FALSE(leases.next_check()) << "one ping for all who report meanwhile";
    EXPECT_TRUE(leases.holder_was_silent(*check));
    EXPECT_FALSE(leases.find(key, number(2), start));
    EXPECT_FALSE(leases.renew(key, number(1), first, 5, start)) << "an old number";
    EXPECT_GT(grant_to(2), first);
    EXPECT_FALSE(leases.report(key, number(3), first, start)) << "says nothing of the new holder";
    EXPECT_FALSE(leases.next_check());
    EXPECT_FALSE(leases.holder_was_silent(*check));
    EXPECT_TRUE(is_led_by(2, start));
}

TEST_F(LeaseTableTest, AHolderThatAnswersKeepsItsLeaseAndMayBePingedAgain)
{
    const lease_number first = grant_to(1);
    leases.report(key, number(2), first, start);
    leases.holder_answered(*leases.next_check());
    EXPECT_TRUE(is_led_by(1, start));
    leases.report(key, number(2), first, start);
    EXPECT_TRUE(leases.next_check());
}

TEST_F(LeaseTableTest, ARenewalIsAsGoodAsAnAnswerToThePing)
{
    const lease_number first = grant_to(1);
    leases.report(key, number(2), first, start);
    const auto check = leases.next_check();
    EXPECT_TRUE(leases.renew(key, number(1), first, 0, start + 100ms));
    EXPECT_FALSE(leases.holder_was_silent(*check));
    EXPECT_TRUE(is_led_by(1, start + 200ms));
}

// The holder renews every 3 s and answers pings; how much it has received decides.
TEST_F(LeaseTableTest, TwoReportsEndALeaseWhoseFetchDoesNotMove)
{
    const struct
    {
        const char* what;
        std::vector<std::uint64_t> received;   // at 3 s, 6 s, ...
        std::vector<std::uint32_t> reporters;  // just after the last
        bool ends;
    } cases[] = {
        {"two reporters, nothing received", {0, 0}, {2, 3}, true},
        {"one reporter, however often", {0, 0}, {2, 2, 2}, false},
        {"two ports of one address", {0, 0}, {2, 1'000'002}, false},
        {"too early", {0}, {2, 3}, false},
        {"stalled later", {100, 100, 100}, {2, 3}, true},
        {"slow, but it moves", {100, 100, 101}, {2, 3}, false},
        {"going back is no progress", {100, 50, 60}, {2, 3}, true},
    };
    for (const auto& each : cases) {
        SCOPED_TRACE(each.what);
        lease_table table{settings};
        const lease_number first = table.grant(key, number(1), 10s, start)->number;
        time_point now = start;
        for (const std::uint64_t octets : each.received) {
            now += 3s;
            ASSERT_TRUE(table.renew(key, number(1), first, octets, now));
        }
        bool ended = false;
        for (const std::uint32_t who : each.reporters) {
            endpoint reporter = number(who % 1'000'000);
            reporter.port = static_cast<std::uint16_t>(4128 + who / 1'000'000);
            ended = table.report(key, reporter, first, now) || ended;
            while (const auto check = table.next_check()) {
                table.holder_answered(*check);
            }
        }
        EXPECT_EQ(ended, each.ends);
        EXPECT_EQ(table.find(key, number(9), now).has_value(), !each.ends);
    }
}

TEST_F(LeaseTableTest, AHolderCannotReportItself)
{
    const lease_number first = grant_to(1);
    EXPECT_FALSE(leases.report(key, number(1), first, start));
    EXPECT_FALSE(leases.next_check());
}

TEST_F(LeaseTableTest, LeasesAreLimitedInAllAndPerSource)
{
    settings.leases_total = 5;
    settings.leases_per_source = 3;
    lease_table small{settings};
    const auto granted_to = [&](std::uint32_t who, int first, int count) {
        int granted = 0;
        for (int i = 0; i < count; ++i) {
            const node_id some = sha1(std::to_string(first + i));
            granted += small.grant(some, number(who), 10s, start) ? 1 : 0;
        }
        small.check_invariant();
        return granted;
    };
    EXPECT_EQ(granted_to(1, 0, 10), 3);
    EXPECT_EQ(granted_to(2, 10, 10), 2);
    EXPECT_EQ(small.size(), 5U);
    EXPECT_TRUE(small.grant(sha1("later"), number(1), 10s, start + 10s)) << "the old ones ended";
    EXPECT_EQ(small.size(), 1U);
    small.sweep(start + 20s);
    EXPECT_EQ(small.size(), 0U);
    small.check_invariant();
}

}  // namespace
}  // namespace dht
