// The sloppy DHT as the proxy sees it: cache keys in, pointers to peers out.

#pragma once

#include "cache/policy/cache_key.hpp"
#include "dht/core/pointer.hpp"
#include "dht/core/swarm_key.hpp"
#include "dht/net/udp_transport.hpp"
#include "proxy/net/coroutine.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace proxy {

// Thread-safe. Outlived by the transport.
class index
{
public:
    // Where the ring is not empty, only its swarm can tell what a key of the index stands for.
    index(dht::udp_transport& transport, std::string network, const dht::swarm_ring& ring);

    // Pointers for the key, or none when nobody has it or the budget is spent. Resumes on the
    // caller's executor.
    awaitable<dht::get_result> get(cache::cache_key key, std::chrono::milliseconds budget);

    // After pointers that were of no use: asks more nodes, and brings none of those again.
    awaitable<dht::get_result> get_again(cache::cache_key key,
        std::vector<dht::endpoint> rejected,
        std::chrono::milliseconds budget);

    // A get whose result tells each step. For whoever looks into the index by hand.
    awaitable<dht::get_result> trace(dht::node_id key, std::chrono::milliseconds budget);

    // What the index calls this object.
    dht::node_id index_key(const cache::cache_key& key) const;

    // Renewed until ttl is over or until withdrawn.
    void announce(const cache::cache_key& key, dht::pointer_state state, std::chrono::seconds ttl);
    void withdraw(const cache::cache_key& key);

    std::chrono::milliseconds expected_lookup_time() const
    {
        return transport_.expected_lookup_time();
    }
    dht::udp_transport& transport() const { return transport_; }

private:
    using handler = dht::udp_transport::get_handler;
    static awaitable<dht::get_result> ask(
        std::function<void(handler)> begin, std::chrono::milliseconds budget);

    dht::udp_transport& transport_;
    std::string network_;
    std::optional<dht::derived_key> swarm_id_;
};

}  // namespace proxy
