// The latest purges, so that what was asked for before one of them is not stored after it.

#pragma once

#include "cache/policy/purge.hpp"

#include <cstddef>
#include <deque>
#include <mutex>
#include <string_view>

namespace cache {

// Thread-safe. Whoever stores asks cover() when nothing stands between the answer and what a purge
// would find; whoever purges calls add() before it looks for what to take away.
class past_purges
{
public:
    static constexpr std::size_t most = 1'024;  // then the oldest is forgotten

    void add(purge_order order, wall_time now);

    // Whether one of them is about the response and came when this had been asked for, or had been
    // made, or later.
    bool cover(std::string_view url, const field_section& response, wall_time asked) const;

private:
    struct past
    {
        purge_order order;
        wall_time time;
    };

    mutable std::mutex mutex_;  // guards purges_
    std::deque<past> purges_;
};

}  // namespace cache
