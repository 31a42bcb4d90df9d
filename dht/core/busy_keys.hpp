// The keys that this node is asked about most.

#pragma once

#include "dht/core/node_id.hpp"
#include "dht/core/time_point.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

namespace dht {

// Which keys make the load of a node, minute by minute, in bounded memory: Space-Saving (Metwally,
// Agrawal and El Abbadi, ICDT 2005). A count is never too low; where more keys are asked for than
// there is room, it is too high by what the key that gave way had, and the busiest stay right.
class busy_keys
{
public:
    struct load
    {
        node_id key;
        std::uint64_t requests = 0;  // in a minute
    };

    void count(const node_id& key, time_point now);

    // Of the last whole minute, the busiest first.
    std::vector<load> busiest(std::size_t most, time_point now) const;

    static constexpr std::size_t room = 64;

private:
    using counts = std::map<node_id, std::uint64_t>;

    std::int64_t minute_ = 0;
    counts present_;
    counts last_;  // of the minute before
};

}  // namespace dht
