#include "dht/core/routing_table.hpp"

#include "tests/sim/world/seeded_random.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace dht {
namespace {

using namespace std::chrono_literals;

constexpr time_point start{1h};

contact number(std::uint32_t which)
{
    return contact_at({boost::asio::ip::address_v4{0x0a000000U + which}, 4128});
}

// Contacts that share exactly `prefix` bits with self.
std::vector<contact> sharing(const node_id& self, unsigned prefix, std::size_t count)
{
    std::vector<contact> out;
    for (std::uint32_t i = 1; out.size() < count; ++i) {
        if (common_prefix(self, number(i).id) == prefix) {
            out.push_back(number(i));
        }
    }
    return out;
}

class RoutingTableTest : public ::testing::Test
{
protected:
    void answer(const contact& who, time_point when = start) { table.answered(who, 20ms, when); }

    void fail(const contact& who, unsigned times, bool may_remove = true)
    {
        for (unsigned i = 0; i < times; ++i) {
            table.failed(who.id, may_remove);
        }
    }

    bool hands_out(const contact& who) const
    {
        const auto all = table.closest(who.id, 1);
        return !all.empty() && all[0].id == who.id;
    }

    config settings;
    node_id self = sha1("self");
    routing_table table{self, settings};
};

TEST_F(RoutingTableTest, KeepsLongLivedContactsWhenABucketIsFull)
{
    const auto contacts = sharing(self, 0, 9);
    for (const contact& who : contacts) {
        answer(who);
    }
    EXPECT_EQ(table.size(), 8U);
    EXPECT_TRUE(hands_out(contacts[0]));
    EXPECT_FALSE(hands_out(contacts[8]));
    table.check_invariant();
}

TEST_F(RoutingTableTest, AWaitingContactTakesThePlaceOfABadOne)
{
    const auto contacts = sharing(self, 0, 9);
    for (const contact& who : contacts) {
        answer(who);
    }
    fail(contacts[3], 1);
    EXPECT_TRUE(hands_out(contacts[3]));
    fail(contacts[3], 1);
    EXPECT_FALSE(hands_out(contacts[3]));
    EXPECT_TRUE(hands_out(contacts[8]));
    EXPECT_EQ(table.size(), 8U);
}

TEST_F(RoutingTableTest, ABadContactIsNeitherHandedOutNorRemovedAtOnce)
{
    const auto contacts = sharing(self, 0, 2);
    answer(contacts[0]);
    answer(contacts[1]);
    fail(contacts[0], 2);
    EXPECT_FALSE(hands_out(contacts[0]));
    EXPECT_EQ(table.size(), 2U);
    EXPECT_EQ(table.good_count(), 1U);
    fail(contacts[0], 1);
    EXPECT_EQ(table.size(), 1U);
}

TEST_F(RoutingTableTest, AnAnswerMakesABadContactGoodAgain)
{
    const contact who = number(1);
    answer(who);
    fail(who, 2);
    answer(who);
    EXPECT_TRUE(hands_out(who));
}

TEST_F(RoutingTableTest, NothingIsRemovedWhileNobodyAnswers)
{
    const auto contacts = sharing(self, 0, 9);
    for (const contact& who : contacts) {
        answer(who);
    }
    for (const contact& who : contacts) {
        fail(who, 20, false);
    }
    EXPECT_EQ(table.size(), 8U);
    EXPECT_EQ(table.all().size(), 9U);
    EXPECT_EQ(table.good_count(), 0U);
}

TEST_F(RoutingTableTest, OneOfAnotherNetworkGoesAtOnce)
{
    const contact who = number(1);
    answer(who);
    table.remove(who.id);
    EXPECT_EQ(table.all().size(), 0U);
    table.remove(number(2).id);
    table.remove(self);
}

TEST_F(RoutingTableTest, DoesNotTakeItself)
{
    contact who = number(1);
    who.id = self;
    answer(who);
    table.failed(self, true);
    EXPECT_EQ(table.size(), 0U);
    EXPECT_FALSE(table.has_room_for(who));
    EXPECT_EQ(table.find(self), nullptr);
}

// Sybils of one subnet would fill the buckets that are hard to fill.
TEST_F(RoutingTableTest, OfOneSubnetTwoHaveAPlaceAndTwoWait)
{
    std::vector<contact> rented;
    for (std::uint32_t i = 0; rented.size() < 5; ++i) {
        const contact one = contact_at(
            {boost::asio::ip::address_v4{0xc6336401U}, static_cast<std::uint16_t>(4128 + i)});
        if (common_prefix(self, one.id) == 0) {
            rented.push_back(one);
            EXPECT_EQ(table.has_room_for(one), table.size() < 2);
            answer(one);
        }
    }
    EXPECT_EQ(table.size(), 2U);
    EXPECT_EQ(table.all().size(), 4U);
    const auto others = sharing(self, 0, 6);
    for (const contact& who : others) {
        answer(who);
    }
    EXPECT_EQ(table.size(), 8U);

    // One that fails gives way to one of its own subnet only.
    fail(others[0], 3);
    EXPECT_EQ(table.size(), 7U);
    fail(rented[0], 3);
    EXPECT_EQ(table.size(), 7U);
    EXPECT_EQ(table.find(rented[0].id), nullptr);
    EXPECT_NE(table.find(rented[3].id), nullptr);
    table.check_invariant();
}

TEST_F(RoutingTableTest, NobodyGivesWayToWhomItsSubnetKeepsOut)
{
    const auto others = sharing(self, 0, 6);
    for (const contact& who : others) {
        answer(who);
    }
    std::size_t rented = 0;
    for (std::uint16_t port = 4128; rented < 3; ++port) {
        const contact one = contact_at({boost::asio::ip::address_v4{0xc6336401U}, port});
        if (common_prefix(self, one.id) == 0) {
            answer(one);
            ++rented;
        }
    }
    ASSERT_EQ(table.all().size(), 9U) << "one waits";
    fail(others[0], 2);
    EXPECT_EQ(table.size(), 8U);
    fail(others[0], 1);
    EXPECT_EQ(table.size(), 7U);
    table.check_invariant();
}

TEST_F(RoutingTableTest, SubnetsDoNotCountWhereEverybodyHasTheKey)
{
    sim::seeded_random random{1};
    settings.swarm = swarm_ring::of({swarm_key::of_new_swarm(random)}).value();
    routing_table open_table{self, settings};
    for (std::uint16_t i = 0; i < 100; ++i) {
        open_table.answered(contact_at({boost::asio::ip::address_v4{0xc6336401U},
                                static_cast<std::uint16_t>(4128 + i)}),
            20ms,
            start);
    }
    EXPECT_GT(open_table.size(), 8U);
}

TEST_F(RoutingTableTest, ClosestAgreesWithASortOfAllContacts)
{
    std::vector<contact> known;
    for (std::uint32_t i = 1; i <= 200; ++i) {
        answer(number(i));
    }
    for (const contact& who : table.all()) {
        if (table.find(who.id) != nullptr) {
            known.push_back(who);
        }
    }
    for (std::uint32_t i = 0; i < 200; ++i) {
        const node_id target = number(1'000 + i).id;
        std::sort(known.begin(), known.end(), [&](const contact& left, const contact& right) {
            return is_closer(target, left.id, right.id);
        });
        const auto found = table.closest(target, 8);
        ASSERT_EQ(found.size(), 8U);
        for (std::size_t k = 0; k < found.size(); ++k) {
            EXPECT_EQ(found[k].id, known[k].id);
        }
    }
    EXPECT_EQ(table.closest(self, 8).size(), 8U);
}

TEST_F(RoutingTableTest, WhoIsDeeperThanAllContactsIsNotKnownAndTheClosestAreThoseThatAre)
{
    const contact far = sharing(self, 0, 1)[0];
    node_id deep = self;
    deep.flip(node_id::bit_count - 1);
    EXPECT_EQ(table.find(deep), nullptr);
    EXPECT_TRUE(table.closest(deep, 8).empty());
    EXPECT_TRUE(table.closest(self, 8).empty());
    EXPECT_TRUE(table.towards(deep, 8).empty());
    EXPECT_TRUE(table.has_room_for(far));
    answer(far);
    EXPECT_EQ(table.find(deep), nullptr);
    ASSERT_EQ(table.closest(deep, 8).size(), 1U);
    EXPECT_EQ(table.closest(deep, 8)[0].id, far.id);
    table.failed(deep, true);
    table.check_invariant();
    EXPECT_EQ(table.good_count(), 1U);
    table.move_to(deep);
    EXPECT_EQ(table.good_count(), 1U);
}

TEST_F(RoutingTableTest, TowardsAKeyListsContactsThatGainABitFirst)
{
    for (std::uint32_t i = 1; i <= 200; ++i) {
        answer(number(i));
    }
    node_id key = self;
    key.flip(1);
    const auto found = table.towards(key, 8);
    ASSERT_EQ(found.size(), 8U);
    for (const contact& who : found) {
        EXPECT_GT(common_prefix(who.id, key), common_prefix(self, key));
    }
    key = self;
    key.flip(140);
    EXPECT_EQ(table.towards(key, 8).size(), 8U);  // nobody gains: the closest
    EXPECT_EQ(table.towards(self, 8).size(), 8U);
}

TEST_F(RoutingTableTest, ChecksTheLongestSilentFirstAndDoubtfulOnesSoon)
{
    const auto contacts = sharing(self, 0, 3);
    answer(contacts[0], start + 10s);
    answer(contacts[1], start);
    answer(contacts[2], start + 400s);
    const auto due = table.to_check(start + 100s, 8);
    ASSERT_EQ(due.size(), 2U);
    EXPECT_EQ(due[0].id, contacts[1].id);
    fail(contacts[2], 1);
    EXPECT_EQ(table.to_check(start + 100s, 8).size(), 3U);
    EXPECT_EQ(table.to_check(start + 100s, 1).size(), 1U);
    fail(contacts[2], 5, false);
    EXPECT_EQ(table.to_check(start + 100s, 8).size(), 2U);
}

TEST_F(RoutingTableTest, RefreshesEachBucketOnceUpToTheDeepestContact)
{
    sim::seeded_random random{1};
    EXPECT_FALSE(table.id_to_refresh(start, start, random));
    answer(sharing(self, 4, 1)[0]);
    for (unsigned bucket = 0; bucket <= 4; ++bucket) {
        const auto target = table.id_to_refresh(start, start, random);
        ASSERT_TRUE(target);
        EXPECT_EQ(common_prefix(self, *target), bucket);
    }
    EXPECT_FALSE(table.id_to_refresh(start, start, random));
    EXPECT_TRUE(table.id_to_refresh(start + 1s, start + 900s, random));
}

TEST_F(RoutingTableTest, EstimatesTheSizeOfTheNetworkWithinAFactorOfThree)
{
    EXPECT_EQ(table.estimated_network_size(), 1.0);
    answer(number(1));
    EXPECT_EQ(table.estimated_network_size(), 2.0);
    for (std::uint32_t i = 1; i <= 1'000; ++i) {
        answer(number(i));
    }
    EXPECT_GT(table.estimated_network_size(), 333.0);
    EXPECT_LT(table.estimated_network_size(), 3'000.0);
}

}  // namespace
}  // namespace dht
