#include "tests/sim/oracles/calm.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace sim {

void calm::had_timer(std::size_t index)
{
    timers_.resize(std::max(timers_.size(), reef_.size()));
    const std::int64_t minute = reef_.now().time_since_epoch() / std::chrono::minutes{1};
    meter& now = timers_[index];
    if (now.minute != minute) {
        now = {minute, 0};
        look_into(index);
    }
    ++now.count;
    worst_timers_ = std::max(worst_timers_, now.count);
    EXPECT_LE(now.count, most_.timers_per_minute) << "node " << index << " does not sleep";
}

void calm::look_into(std::size_t index) const
{
    if (!reef_.is_node(index)) {
        return;
    }
    const dht::statistics counted = reef_.at(index).snapshot();
    EXPECT_LE(counted.contacts, most_.contacts) << "node " << index;
    EXPECT_LE(counted.values_stored, most_.values) << "node " << index;
    EXPECT_LE(counted.operations, most_.operations) << "node " << index;
}

}  // namespace sim
