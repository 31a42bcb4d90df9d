// The peers that may have an object, as far as the index tells.

#pragma once

#include "cache/policy/cache_key.hpp"
#include "dht/core/endpoint.hpp"
#include "dht/core/pointer.hpp"
#include "proxy/core/peer_choice.hpp"
#include "proxy/net/coroutine.hpp"

#include <chrono>
#include <cstddef>
#include <vector>

namespace proxy {

struct services;
struct worker;

// The candidates of one fetch, in the order in which they are to be tried. Without those that
// failed a moment ago, and without ourselves.
class peer_search
{
public:
    peer_search(services& shared, worker& here, const cache::cache_key& key)
        : shared_{shared}, here_{here}, key_{key}
    {
    }

    // Asks the index; how many there are.
    awaitable<std::size_t> begin();

    // Asks for others, in no more time than that, after so many were tried and none was there. How
    // many have come.
    awaitable<std::size_t> go_on(std::size_t tried, std::chrono::milliseconds most);

    const peer_candidate& candidate(std::size_t index) const { return candidates_[index]; }

private:
    std::chrono::milliseconds usual_budget() const;
    std::vector<peer_candidate> choose(const std::vector<dht::pointer>& found) const;

    services& shared_;
    worker& here_;
    const cache::cache_key& key_;
    std::vector<peer_candidate> candidates_;
};

}  // namespace proxy
