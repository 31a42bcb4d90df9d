// That no node spins, and none grows without end.

#pragma once

#include "tests/sim/world/world.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace sim {

// The timers of each node in each minute, and what it keeps, against limits.
class calm final : public witness
{
public:
    struct limits
    {
        std::size_t timers_per_minute = 1'200;  // twenty in a second, all day
        std::size_t contacts = 400;             // of about 16 in each bucket that is not empty
        std::size_t values = 10'000;
        std::size_t operations = 200;
    };

    explicit calm(const world& reef) : calm(reef, limits{}) {}
    calm(const world& reef, const limits& most) : reef_(reef), most_(most) {}

    void had_timer(std::size_t index) override;

    std::size_t worst_timers() const { return worst_timers_; }

private:
    struct meter
    {
        std::int64_t minute = 0;
        std::size_t count = 0;
    };

    void look_into(std::size_t index) const;

    const world& reef_;
    limits most_;
    std::vector<meter> timers_;
    std::size_t worst_timers_ = 0;
};

}  // namespace sim
