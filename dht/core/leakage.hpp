// The leakage rate (Coral, section 4.1): how often a node lets requests for a key pass.

#pragma once

#include "dht/core/time_point.hpp"

namespace dht {

// A token bucket of one token. Under any load it says "not loaded" once per interval, so that a
// trickle of puts still refreshes the nodes near the key; a count of arrivals would say "loaded"
// without end and starve them.
class leakage
{
public:
    // Whether this request finds the node loaded. One that does not takes the token.
    bool is_loaded(time_point now, duration interval)
    {
        if (now < ready_at_) {
            return true;
        }
        ready_at_ = now + interval;
        return false;
    }

private:
    time_point ready_at_{};
};

}  // namespace dht
