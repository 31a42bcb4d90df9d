#include "dht/core/lookup_trace.hpp"

#include <gtest/gtest.h>

namespace dht {
namespace {

using namespace std::chrono_literals;

constexpr time_point start{1h};
const node_id key = sha1("key");

contact number(std::uint32_t which)
{
    return contact_at({boost::asio::ip::address_v4{0x0a000000U + which}, 4128});
}

TEST(LookupTraceTest, EachStepHasItsOutcomeInTheOrderOfAsking)
{
    lookup_trace trace{key, start};
    trace.here(number(1), 2, 0, 8);
    trace.asked(number(2), 2, start + 1ms);
    trace.asked(number(3), 1, start + 2ms);
    trace.skipped(number(4), 0, start + 3ms);
    trace.asked(number(5), 0, start + 4ms);
    response reply;
    reply.nodes = {number(6), number(7)};
    reply.sloppy.emplace().loaded = true;
    trace.answered(number(2).at, reply, 0, start + 11ms);
    trace.failed(number(3).at);
    const auto& steps = trace.steps();
    ASSERT_EQ(steps.size(), 5U);
    EXPECT_TRUE(steps[0].outcome == step_outcome::closer && steps[0].nodes == 8);
    EXPECT_TRUE(steps[1].outcome == step_outcome::closer && steps[1].nodes == 2);
    EXPECT_TRUE(steps[1].begun == 1ms && steps[1].round_trip == 10ms);
    EXPECT_TRUE(steps[1].is_loaded && !steps[1].is_full);
    EXPECT_TRUE(steps[2].outcome == step_outcome::silent && !steps[2].round_trip);
    EXPECT_TRUE(steps[2].level == 1 && steps[2].at == number(3).at);
    EXPECT_TRUE(steps[3].outcome == step_outcome::skipped);
    EXPECT_TRUE(steps[4].outcome == step_outcome::waiting);
    for (const trace_step& step : steps) {
        EXPECT_EQ(step.shared_bits, common_prefix(step.id, key));
    }
}

TEST(LookupTraceTest, AnAnswerWithPointersIsValues)
{
    lookup_trace trace{key, start};
    trace.asked(number(2), 0, start);
    trace.answered(number(2).at, response{}, 3, start + 5ms);
    EXPECT_TRUE(trace.steps()[0].outcome == step_outcome::values);
    EXPECT_EQ(trace.steps()[0].pointers, 3U);
}

TEST(LookupTraceTest, ANodeThatIsAskedAtTwoLevelsHasTwoSteps)
{
    lookup_trace trace{key, start};
    trace.asked(number(2), 2, start);
    trace.answered(number(2).at, response{}, 0, start + 1ms);
    trace.asked(number(2), 0, start + 2ms);
    trace.answered(number(2).at, response{}, 1, start + 4ms);
    trace.answered(number(2).at, response{}, 9, start + 5ms);
    trace.failed(number(9).at);
    ASSERT_EQ(trace.steps().size(), 2U);
    EXPECT_TRUE(trace.steps()[0].outcome == step_outcome::closer);
    EXPECT_TRUE(trace.steps()[1].outcome == step_outcome::values);
    EXPECT_EQ(trace.steps()[1].pointers, 1U) << "answers to nothing change nothing";
}

TEST(LookupTraceTest, EachOutcomeHasAName)
{
    EXPECT_EQ(to_string(step_outcome::waiting), "waiting");
    EXPECT_EQ(to_string(step_outcome::values), "values");
    EXPECT_EQ(to_string(step_outcome::closer), "closer");
    EXPECT_EQ(to_string(step_outcome::silent), "silent");
    EXPECT_EQ(to_string(step_outcome::skipped), "skipped");
}

}  // namespace
}  // namespace dht
