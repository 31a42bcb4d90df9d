// The sloppy DHT as the proxy sees it: cache keys in, pointers to peers out.

#pragma once

#include "cache/policy/cache_key.hpp"
#include "dht/core/pointer.hpp"
#include "dht/core/swarm_key.hpp"
#include "dht/net/udp_transport.hpp"
#include "proxy/net/coroutine.hpp"

#include <chrono>
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

    // The same, and the result tells each step. For whoever looks into the index by hand.
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
    using question = void (dht::udp_transport::*)(
        const dht::node_id&, std::chrono::milliseconds, dht::udp_transport::get_handler);
    awaitable<dht::get_result> ask(
        question how, dht::node_id key, std::chrono::milliseconds budget);

    dht::udp_transport& transport_;
    std::string network_;
    std::optional<dht::derived_key> swarm_id_;
};

}  // namespace proxy
