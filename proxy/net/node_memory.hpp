// What all workers of this node remember together for a while: peers that gave nothing, and keys
// that are not to be coordinated.

#pragma once

#include "cache/policy/cache_key.hpp"
#include "proxy/core/peer_choice.hpp"

#include <chrono>
#include <cstddef>
#include <mutex>
#include <random>
#include <unordered_map>
#include <vector>

namespace proxy {

// Thread-safe: one mutex guards all of it. It is taken on misses only.
class node_memory
{
public:
    using time_point = std::chrono::steady_clock::time_point;

    // How long a key whose answer could not be shared is fetched without collapsing and without
    // peers.
    static constexpr std::chrono::seconds individual_time{120};
    static constexpr std::size_t most_individual_keys = 65'536;

    void peer_failed(const peer_address& peer, time_point now);
    void peer_answered(const peer_address& peer);
    std::vector<peer_candidate> choose(std::vector<peer_candidate> candidates,
        const std::vector<peer_address>& selves,
        time_point now);

    void remember_individual(const cache::cache_key& key, time_point now);
    bool is_individual(const cache::cache_key& key, time_point now);

private:
    std::mutex mutex_;
    peer_health health_;
    std::minstd_rand random_{std::random_device{}()};
    std::unordered_map<std::size_t, time_point>
        individual_until_;  // by the key's hash: a collision costs a collapse
};

}  // namespace proxy
