#pragma once

#include "bench/crowd.hpp"
#include "tests/support/test_origin.hpp"

#include <array>

namespace bench {

// What the records of a crowd come to, at any moment of it.
struct crowd_summary
{
    std::size_t asked = 0;
    std::size_t correct = 0;
    std::size_t wrong_bodies = 0;
    std::size_t failed = 0;
    std::size_t refused = 0;
    std::size_t cut_off = 0;
    std::array<std::size_t, support::all_answer_sources.size()> from{};
    std::uint64_t client_octets = 0;
    support::origin_count origin;
    std::chrono::duration<double> elapsed{};
    std::chrono::duration<double> median{};
    std::chrono::duration<double> percentile_99{};
    std::chrono::duration<double> maximum{};

    std::size_t waiting() const { return asked - correct - wrong_bodies - failed; }
    bool all_served() const { return asked == correct; }
    // 1 - octets that left the origin / octets that clients got, heads included on both sides.
    double offload() const;
};

crowd_summary summarize(const crowd& people, const support::origin_count& origin);

}  // namespace bench
