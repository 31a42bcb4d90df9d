// Nodes that others know and that never answer us.

#pragma once

#include "dht/core/config.hpp"
#include "dht/core/endpoint.hpp"
#include "dht/core/time_point.hpp"

#include <cstddef>
#include <map>

namespace dht {

// Not everybody reaches everybody: gateways and broken routes hide some nodes from some others.
// Who can reach such a node names it again and again, and each time it would cost a walk the wait
// for its silence. So it is not asked for a while, for longer each time, until it answers. Bounded:
// who may be asked again soonest is forgotten first.
class silent_nodes
{
public:
    explicit silent_nodes(const config& settings);

    // It left a query unanswered, while others answer.
    void failed(const endpoint& who, time_point now);
    void answered(const endpoint& who) { silent_.erase(who); }

    // Whether it is not worth asking although somebody names it.
    bool is_avoided(const endpoint& who, time_point now) const;

    std::size_t size() const { return silent_.size(); }

private:
    struct silence
    {
        time_point avoided_until{};
        duration span{};
    };

    duration first_;
    duration last_;
    std::size_t limit_;
    std::map<endpoint, silence> silent_;
};

}  // namespace dht
