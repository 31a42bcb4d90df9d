// Keys that nobody had a moment ago.

#pragma once

#include "dht/core/config.hpp"
#include "dht/core/node_id.hpp"
#include "dht/core/time_point.hpp"

#include <cstddef>
#include <deque>
#include <map>
#include <utility>

namespace dht {

// What cannot be kept is asked for again and again, and each time nobody has it: a get that has
// found nothing answers those of the next seconds. So short that an object which has come into the
// network meanwhile is fetched from its origin once too often at most. Bounded: the oldest is
// forgotten first.
class absent_keys
{
public:
    explicit absent_keys(const config& settings);

    // A search has found nothing, and nobody was silent.
    void note(const node_id& key, time_point now);

    bool contains(const node_id& key, time_point now) const;
    std::size_t size() const { return until_.size(); }

private:
    std::chrono::seconds life_;
    std::size_t limit_;
    std::map<node_id, time_point> until_;
    std::deque<std::pair<time_point, node_id>> by_age_;
};

}  // namespace dht
