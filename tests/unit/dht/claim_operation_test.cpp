#include "dht/core/claim_operation.hpp"

#include "tests/sim/world/seeded_random.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace dht {
namespace {

using namespace std::chrono_literals;

constexpr time_point start{1h};

contact small(unsigned number)
{
    contact who;
    node_id::array octets{};
    octets[0] = static_cast<std::uint8_t>(number << 4);
    who.id = node_id{octets};
    who.at = {boost::asio::ip::address_v4{0x0a000000U + number}, 4128};
    return who;
}

const node_id key = small(0).id;

pointer pointer_to(unsigned number, pointer_state state)
{
    pointer value;
    value.peer = small(number).at;
    value.state = state;
    value.life = 10s;
    return value;
}

lease_answer held_by(unsigned number, lease_number lease)
{
    return {false, small(number).at, 9s, lease};
}

response reply_with(const std::optional<lease_answer>& lease)
{
    response reply;
    reply.token = "8octets!";
    reply.sloppy.emplace().lease = lease;
    return reply;
}

// This node is 15, unless another is given; the walk knows 1 and 8.
class ClaimOperationTest : public ::testing::Test
{
protected:
    claim_operation begin(lease_number silent = 0, unsigned self = 15)
    {
        sloppy_walk walk{small(self).id, key, settings, {small(1), small(8)}};
        return {small(self).id, std::move(walk), silent, start + 750ms, settings};
    }

    // Asks whom the walk wants and gets nothing from anybody.
    void walk_to_the_end(claim_operation& claim)
    {
        while (const auto action = claim.next(random, start)) {
            const auto* const step = std::get_if<claim_operation::ask>(&*action);
            if (step == nullptr) {
                last = *action;
                return;
            }
            claim.answered(step->who, reply_with({}), {}, {small(1), small(8)});
        }
    }

    std::string claimed_at() const
    {
        const auto* const there = std::get_if<claim_operation::claim_at>(&last);
        return there == nullptr ? "here" : to_string(there->where.who.at);
    }

    holder where() const { return std::get<claim_operation::claim_at>(last).where; }

    sim::seeded_random random{1};
    config settings;
    claim_operation::action last;
};

TEST_F(ClaimOperationTest, WhereNobodyHasItTheClosestThatAnsweredIsAskedForALease)
{
    claim_operation claim = begin();
    walk_to_the_end(claim);
    EXPECT_EQ(claimed_at(), "10.0.0.1:4128");
    EXPECT_EQ(where().token, "8octets!");
    EXPECT_FALSE(claim.next(random, start)) << "one at a time";
    claim.claim_answered(where(), reply_with(lease_answer{true, {}, 10s, 5}), {}, start);
    ASSERT_TRUE(claim.is_finished());
    EXPECT_EQ(claim.result().outcome, claim_outcome::leads);
    EXPECT_EQ(claim.result().number, 5U);
    ASSERT_TRUE(claim.grantor());
    EXPECT_EQ(claim.grantor()->who.id, small(1).id);
}

TEST_F(ClaimOperationTest, WhoIsItselfTheClosestAsksItself)
{
    claim_operation claim = begin(0, 0);
    walk_to_the_end(claim);
    EXPECT_EQ(claimed_at(), "here");
    claim.answered_here(lease_answer{true, {}, 10s, 5}, {}, start);
    EXPECT_EQ(claim.result().outcome, claim_outcome::leads);
    EXPECT_FALSE(claim.grantor());
}

TEST_F(ClaimOperationTest, WhatAStepFindsEndsIt)
{
    const pointer complete = pointer_to(3, pointer_state::complete);
    const pointer in_flight = pointer_to(4, pointer_state::in_flight);
    const pointer not_shareable = pointer_to(5, pointer_state::not_shareable);
    const struct
    {
        const char* what;
        std::optional<lease_answer> lease;
        std::vector<pointer> values;
        claim_outcome outcome;
        std::size_t pointers;
        lease_number number;
    } cases[] = {
        {"a holder", {}, {complete}, claim_outcome::found, 1, 0},
        {"a leader", held_by(4, 9), {in_flight}, claim_outcome::found, 1, 9},
        {"a leader without pointer", held_by(4, 9), {}, claim_outcome::found, 1, 9},
        {"both", held_by(4, 9), {complete, in_flight}, claim_outcome::found, 2, 9},
        {"not shareable", {}, {not_shareable}, claim_outcome::do_not_coordinate, 0, 0},
        {"shared, says another", {}, {not_shareable, complete}, claim_outcome::found, 1, 0},
        {"we lead already", lease_answer{true, {}, 9s, 9}, {}, claim_outcome::leads, 0, 9},
    };
    for (const auto& each : cases) {
        SCOPED_TRACE(each.what);
        claim_operation claim = begin();
        const auto step = claim.next(random, start);
        ASSERT_TRUE(step);
        const contact who = std::get<claim_operation::ask>(*step).who;
        claim.answered(who, reply_with(each.lease), each.values, {});
        ASSERT_TRUE(claim.is_finished());
        const claim_result result = claim.result();
        EXPECT_EQ(result.outcome, each.outcome);
        EXPECT_EQ(result.pointers.size(), each.pointers);
        EXPECT_EQ(result.number, each.number);
        EXPECT_EQ(result.hops, 1U);
    }
}

TEST_F(ClaimOperationTest, WhatIsFoundKeepsItsTerms)
{
    pointer leader = pointer_to(4, pointer_state::in_flight);
    leader.load = 9;
    leader.version_tag = 42;
    claim_operation claim = begin();
    claim.holds_here(held_by(4, 9), {leader});
    ASSERT_TRUE(claim.is_finished());
    EXPECT_EQ(claim.result().pointers, std::vector{leader});
}

TEST_F(ClaimOperationTest, WhereTheClosestIsGoneOrHasNoRoomTheNextIsAsked)
{
    claim_operation claim = begin();
    walk_to_the_end(claim);
    claim.claim_failed();
    walk_to_the_end(claim);
    EXPECT_EQ(claimed_at(), "10.0.0.8:4128");
    claim.claim_answered(where(), reply_with({}), {}, start);
    walk_to_the_end(claim);
    EXPECT_EQ(claimed_at(), "here");
    claim.answered_here({}, {}, start);
    EXPECT_TRUE(claim.is_finished());
    EXPECT_EQ(claim.result().outcome, claim_outcome::nobody_grants);
}

TEST_F(ClaimOperationTest, AReportGoesToWhoNamesTheSilentHolderAndIsRepeatedUntilAnotherLeads)
{
    claim_operation claim = begin(9);
    const auto step = claim.next(random, start);
    const contact who = std::get<claim_operation::ask>(*step).who;
    const std::vector<pointer> silent = {pointer_to(4, pointer_state::in_flight)};
    claim.answered(who, reply_with(held_by(4, 9)), silent, {});
    EXPECT_FALSE(claim.is_finished()) << "its pointer is no answer";
    const auto report = claim.next(random, start);
    ASSERT_TRUE(report && std::holds_alternative<claim_operation::claim_at>(*report));
    const holder grantor = std::get<claim_operation::claim_at>(*report).where;
    EXPECT_EQ(grantor.who.id, who.id);
    claim.claim_answered(grantor, reply_with(held_by(4, 9)), silent, start);
    EXPECT_FALSE(claim.next(random, start + 249ms)) << "the holder is being pinged";
    EXPECT_EQ(claim.wake_at(), start + 250ms);
    EXPECT_TRUE(claim.next(random, start + 250ms));
    claim.claim_answered(grantor, reply_with(held_by(6, 10)), {}, start + 300ms);
    ASSERT_TRUE(claim.is_finished());
    EXPECT_EQ(claim.result().outcome, claim_outcome::found);
    EXPECT_EQ(claim.result().number, 10U);
    EXPECT_EQ(claim.result().pointers[0].peer, small(6).at);
}

TEST_F(ClaimOperationTest, AReporterTakesWhatElseThereIs)
{
    claim_operation claim = begin(9);
    claim.holds_here(held_by(4, 9),
        {pointer_to(4, pointer_state::in_flight), pointer_to(5, pointer_state::complete)});
    ASSERT_TRUE(claim.is_finished());
    ASSERT_EQ(claim.result().pointers.size(), 1U);
    EXPECT_EQ(claim.result().pointers[0].peer, small(5).at);
    EXPECT_EQ(claim.result().number, 0U);
}

TEST_F(ClaimOperationTest, NobodyIsWaitedForLongerThanPatienceLasts)
{
    claim_operation claim = begin();
    const auto step = claim.next(random, start);
    const contact who = std::get<claim_operation::ask>(*step).who;
    EXPECT_FALSE(claim.next(random, start + 749ms));
    EXPECT_EQ(claim.wake_at(), start + 750ms);
    const auto late = claim.next(random, start + 750ms);
    ASSERT_TRUE(late && std::holds_alternative<claim_operation::claim_here>(*late));
    // What comes now is too late to change the place.
    claim.answered(who, reply_with({}), {}, {});
    EXPECT_FALSE(claim.next(random, start + 751ms));
}

TEST_F(ClaimOperationTest, APlainNodeIsNotAskedForALease)
{
    claim_operation claim = begin();
    while (const auto action = claim.next(random, start)) {
        const auto* const step = std::get_if<claim_operation::ask>(&*action);
        if (step == nullptr) {
            last = *action;
            break;
        }
        response plain;
        plain.token = "8octets!";
        claim.answered(step->who, plain, {}, {});
    }
    EXPECT_EQ(claimed_at(), "here");
}

}  // namespace
}  // namespace dht
