// The latest purges and invalidations (RFC 9111, section 4.4), so that what was asked for before
// one of them is not stored after it.

#pragma once

#include "cache/policy/purge.hpp"

#include <cstddef>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace cache {

// Thread-safe. Whoever stores asks cover() when nothing stands between the answer and what a purge
// would find; whoever purges calls add() before it looks for what to take away.
class past_purges
{
public:
    // Of hosts and tags, each of which is looked at; and of URLs, which are looked up. Beyond that
    // the oldest are forgotten.
    static constexpr std::size_t most = 1'024;
    static constexpr std::size_t most_urls = 16'384;

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

    mutable std::mutex mutex_;  // guards all of these
    std::deque<past> purges_;
    std::unordered_map<std::string, wall_time> urls_;
    std::deque<std::string> order_of_urls_;  // oldest first; as many as in urls_
};

}  // namespace cache
