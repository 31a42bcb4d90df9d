// Gets and puts between a few nodes that hear each other at once.

#include "dht/core/node.hpp"
#include "tests/unit/dht/five_nodes.hpp"
#include "tests/unit/dht/one_node.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <tuple>
#include <variant>
#include <vector>

namespace dht {
namespace {

using namespace std::chrono_literals;

class NodeOperationsTest : public five_nodes
{
};

TEST_F(NodeOperationsTest, AGetEndsAtTheFirstNodeWithValues)
{
    reef.put(1, key, 60s);
    for (std::size_t asker = 0; asker < 5; ++asker) {
        const get_result found = reef.get(asker, key);
        ASSERT_EQ(found.pointers.size(), asker == 1 ? 0U : 1U);
        if (asker != 1) {
            EXPECT_EQ(found.pointers[0].peer, reef.where(1));
        }
    }
}

TEST_F(NodeOperationsTest, AGetThatFindsNothingIsNotATimeOut)
{
    const get_result nothing = reef.get(2, key);
    EXPECT_TRUE(nothing.pointers.empty());
    EXPECT_FALSE(nothing.timed_out);
    EXPECT_GT(nothing.queries, 0U);
}

// What cannot be kept is asked for again and again; to look for it each time is of no use.
TEST_F(NodeOperationsTest, AKeyThatNobodyHadIsNotLookedForAgainAtOnce)
{
    for (std::size_t asker = 0; asker < 5; ++asker) {
        EXPECT_GT(reef.get(asker, key).queries, 0U);
    }
    reef.announce(1, key, 600s);
    reef.run_for(1s);
    std::size_t spared = 0;
    for (const std::size_t asker : {0U, 2U, 3U, 4U}) {
        const get_result again = reef.get(asker, key);
        EXPECT_EQ(again.queries, 0U);
        EXPECT_FALSE(again.timed_out);
        const bool holds_it = !reef.at(asker).stored(key, reef.now()).empty();
        EXPECT_EQ(again.pointers.empty(), !holds_it);
        EXPECT_EQ(reef.at(asker).snapshot().gets_known_absent, holds_it ? 0U : 1U);
        spared += holds_it ? 0 : 1;
    }
    EXPECT_GT(spared, 0U);
    reef.run_for(5s);
    for (const std::size_t asker : {0U, 2U, 3U, 4U}) {
        EXPECT_FALSE(reef.get(asker, key).pointers.empty());
    }
}

// The closest node of all is the root of a key: what the sloppy rules are there to spare.
TEST_F(NodeOperationsTest, TellsTheLoadOfEachBusyKeyAndWhetherThisNodeIsItsRoot)
{
    const time_point next_minute = reef.now() + 60s;
    const std::size_t root = reef.closest_to(key);
    for (int i = 0; i < 3; ++i) {
        for (std::size_t asker = 0; asker < 5; ++asker) {
            reef.get(asker, key);
            reef.run_for(6s);
        }
    }
    reef.run_for(std::chrono::duration_cast<std::chrono::milliseconds>(next_minute - reef.now()));
    std::size_t roots = 0;
    for (std::size_t i = 0; i < 5; ++i) {
        for (const key_load& one : reef.at(i).loads(reef.now())) {
            EXPECT_EQ(one.key, key);
            EXPECT_EQ(one.is_root, i == root);
            roots += one.is_root && one.requests > 0 ? 1 : 0;
        }
    }
    EXPECT_EQ(roots, 1U);
}

// An answer that was lost may have been the one with the pointer.
TEST_F(NodeOperationsTest, WhereSomebodyWasSilentAKeyIsNotCalledAbsent)
{
    for (std::size_t i = 0; i < reef.size(); ++i) {
        if (i != 2 && i != 1) {
            reef.cut(i, 2);
        }
    }
    EXPECT_GT(reef.get(2, key).queries, 0U);
    EXPECT_GT(reef.get(2, key).queries, 0U);
}

TEST_F(NodeOperationsTest, AGetWithoutTimeEndsAtItsDeadline)
{
    const get_result nothing = reef.get(2, key, 1ms);
    EXPECT_TRUE(nothing.timed_out);
    EXPECT_EQ(reef.at(2).snapshot().gets_timed_out, 1U);
    EXPECT_EQ(reef.at(2).snapshot().operations, 0U);
}

TEST_F(NodeOperationsTest, ACancelledGetLeavesNothing)
{
    const operation_id operation = reef.at(2).get(key, 1s, reef.now());
    EXPECT_EQ(reef.at(2).snapshot().operations, 1U);
    reef.at(2).cancel(operation);
    reef.at(2).cancel(operation);
    EXPECT_EQ(reef.at(2).snapshot().operations, 0U);
    reef.run_for(2s);
    EXPECT_EQ(reef.at(2).snapshot().gets_timed_out, 0U);
}

TEST_F(NodeOperationsTest, TooManyOperationsAreRefusedAndCounted)
{
    config settings;
    settings.operations = 2;
    const std::size_t small = reef.add_node({0}, settings);
    reef.run_for(5s);
    for (int i = 0; i < 5; ++i) {
        reef.begin_get(small, key);
    }
    EXPECT_EQ(reef.at(small).snapshot().refused_operations, 3U);
    EXPECT_EQ(reef.at(small).snapshot().operations, 2U);
}

TEST_F(NodeOperationsTest, AFullTableOfQueriesEndsOperationsInsteadOfHangingThem)
{
    config settings;
    settings.queries_in_flight = 1;
    const std::size_t small = reef.add_node({0}, settings);
    reef.run_for(5s);
    EXPECT_FALSE(reef.get(small, key).timed_out);
    EXPECT_FALSE(reef.put(small, key, 60s).timed_out);
}

TEST_F(NodeOperationsTest, ExpectsALookupToTakeSomeRoundTrips)
{
    EXPECT_GT(reef.at(2).expected_lookup_time(), 10ms);
    EXPECT_LT(reef.at(2).expected_lookup_time(), 200ms);
}

using NodeTraceTest = OneNodeTest;

TEST_F(NodeTraceTest, TellsEachStepOfTheSameGet)
{
    befriend(number(2));
    const operation_id operation = self.trace(sha1("key"), 1s, now);
    const auto first = next_sent();
    ASSERT_TRUE(first);
    response closer = answer_of(number(2));
    closer.nodes = {contact_at(number(3))};
    closer.sloppy->loaded = true;
    now += 7ms;
    answer(number(2), *first, closer);
    const auto second = next_sent();
    ASSERT_TRUE(second && sent_to == number(3));
    response found = answer_of(number(3));
    found.values.emplace_back().peer = number(9);
    found.values.back().life = 60s;
    now += 5ms;
    answer(number(3), *second, found);
    const auto done = self.poll_output();
    ASSERT_TRUE(done && std::holds_alternative<get_done>(*done));
    EXPECT_EQ(std::get<get_done>(*done).operation, operation);
    const get_result& result = std::get<get_done>(*done).result;
    ASSERT_EQ(result.pointers.size(), 1U);
    ASSERT_EQ(result.trace.size(), 3U);
    const auto& [here, one, two] = std::tie(result.trace[0], result.trace[1], result.trace[2]);
    EXPECT_TRUE(here.at == number(1) && here.nodes == 1 && here.outcome == step_outcome::closer);
    EXPECT_TRUE(one.at == number(2) && one.outcome == step_outcome::closer && one.nodes == 1);
    EXPECT_TRUE(one.is_loaded && one.round_trip == 7ms && one.begun == 0ms);
    EXPECT_TRUE(two.at == number(3) && two.outcome == step_outcome::values && two.pointers == 1);
    EXPECT_TRUE(two.round_trip == 5ms && two.begun == 7ms);
}

TEST_F(NodeTraceTest, ASilentNodeIsAStepToo)
{
    befriend(number(2));
    self.trace(sha1("key"), 10s, now);
    while (next_sent()) {
    }
    std::optional<get_result> result;
    for (int i = 0; i < 10 && !result; ++i) {
        now += 500ms;
        self.handle_timeout(now);
        while (const auto next = self.poll_output()) {
            if (const auto* const done = std::get_if<get_done>(&*next)) {
                result = done->result;
            }
        }
    }
    ASSERT_TRUE(result);
    ASSERT_EQ(result->trace.size(), 2U);
    EXPECT_TRUE(result->trace[1].outcome == step_outcome::silent && !result->trace[1].round_trip);
    self.get(sha1("key"), 1s, now);
    while (const auto next = self.poll_output()) {
        if (const auto* const done = std::get_if<get_done>(&*next)) {
            EXPECT_TRUE(done->result.trace.empty()) << "of a get that nobody traces";
        }
    }
}

}  // namespace
}  // namespace dht
