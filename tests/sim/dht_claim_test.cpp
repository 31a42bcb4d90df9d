// Who fetches an absent object: one of all who ask for it, and another soon after that one has
// died.

#include "tests/sim/reef.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace sim {
namespace {

using namespace std::chrono_literals;
using dht::claim_outcome;

// More worlds than the few that every run affords: ATOLL_CLAIM_SEEDS=20.
std::uint64_t seeds_wanted(std::uint64_t usual)
{
    const char* const wanted = std::getenv("ATOLL_CLAIM_SEEDS");
    return wanted == nullptr ? usual : std::stoul(wanted);
}

struct crowd_result
{
    std::map<claim_outcome, std::size_t> outcomes;
    std::size_t timed_out = 0;
    std::chrono::milliseconds longest{};
    std::vector<std::size_t> leaders;

    std::size_t count(claim_outcome which) const
    {
        const auto found = outcomes.find(which);
        return found == outcomes.end() ? 0 : found->second;
    }
};

// Each node that is up claims the key once, at a random instant of the span.
crowd_result claim_by_all(world& reef, const dht::node_id& key, std::chrono::milliseconds span)
{
    std::vector<std::pair<std::size_t, std::size_t>> order;  // milliseconds, node
    for (std::size_t i = 0; i < reef.size(); ++i) {
        if (reef.is_up(i)) {
            order.emplace_back(reef.random().below(static_cast<std::size_t>(span.count())), i);
        }
    }
    std::sort(order.begin(), order.end());
    struct begun
    {
        std::size_t node;
        dht::operation_id operation;
        dht::time_point when;
    };
    std::vector<begun> all;
    std::size_t at = 0;
    for (const auto& [instant, index] : order) {
        reef.run_for(std::chrono::milliseconds{instant - at});
        at = instant;
        all.push_back({index, reef.begin_claim(index, key), reef.now()});
    }
    reef.run_for(1s);
    crowd_result out;
    for (const begun& one : all) {
        const world::ended_claim* const ended = reef.claim_of(one.node, one.operation);
        EXPECT_NE(ended, nullptr) << "a claim must end within its budget";
        if (ended == nullptr) {
            continue;
        }
        ++out.outcomes[ended->result.outcome];
        out.timed_out += ended->result.timed_out ? 1 : 0;
        const auto took =
            std::chrono::duration_cast<std::chrono::milliseconds>(ended->when - one.when);
        out.longest = std::max(out.longest, took);
        if (ended->result.outcome == claim_outcome::leads) {
            out.leaders.push_back(one.node);
        }
    }
    return out;
}

TEST(DhtClaimTest, OfAThousandThatClaimOneAbsentKeyOneLeads)
{
    constexpr std::size_t keys_per_world = 20;
    std::size_t runs = 0;
    std::size_t with_one = 0;
    std::size_t most = 0;
    std::size_t without = 0;
    std::chrono::milliseconds longest{};
    for (std::uint64_t seed = 1; seed <= seeds_wanted(1); ++seed) {
        world reef{seed};
        populate(reef, 1'000);
        for (std::size_t key = 0; key < keys_per_world; ++key) {
            const crowd_result crowd = claim_by_all(reef, key_number(key), 100ms);
            ++runs;
            with_one += crowd.leaders.size() == 1 ? 1 : 0;
            most = std::max(most, crowd.leaders.size());
            without += crowd.count(claim_outcome::nobody_grants);
            longest = std::max(longest, crowd.longest);
            EXPECT_GE(crowd.leaders.size(), 1U);
        }
    }
    std::printf(
        "1,000 claims in 100 ms: one leader in %zu of %zu runs, at most %zu; "
        "%zu claims without answer; the longest took %ld ms\n",
        with_one,
        runs,
        most,
        without,
        static_cast<long>(longest.count()));
    EXPECT_GE(with_one * 100, runs * 95);
    EXPECT_LE(most, 3U);
}

}  // namespace
}  // namespace sim
