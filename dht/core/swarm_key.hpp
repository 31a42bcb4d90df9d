// The secret that the nodes of a private network (a swarm) share: as text, as what is derived from
// it, and as a ring of several while it is being changed.

#pragma once

#include "dht/core/errc.hpp"
#include "dht/core/node_id.hpp"
#include "dht/core/random_source.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace dht {

// Of HKDF-SHA-256 (RFC 5869).
using derived_key = std::array<std::uint8_t, 32>;

// Which swarm (never changes), which secret of it (a slot of the ring), and that secret.
class swarm_key
{
public:
    static constexpr unsigned slot_count = 16;

    // Of a swarm that nobody else has, and the next secret of the same swarm. random must be that
    // of the operating system, except in tests.
    static swarm_key of_new_swarm(random_source& random);
    swarm_key next(random_source& random) const;

    // "atoll-swarm-1:" and 66 characters of base64url without padding (RFC 4648, section 5) for
    // identity, slot and secret. One key has one text.
    static result<swarm_key> parse(std::string_view text);
    std::string text() const;

    unsigned slot() const { return slot_; }
    bool is_of_same_swarm(const swarm_key& other) const { return identity_ == other.identity_; }

    // The swarm's name among keys of the index: the same for every secret of the swarm.
    derived_key swarm_id() const;

    // A key for one use of this secret; those of two labels tell nothing of each other.
    derived_key derive(std::string_view label) const;

    friend bool operator==(const swarm_key&, const swarm_key&) = default;

private:
    using identity = std::array<std::uint8_t, 16>;
    using secret = std::array<std::uint8_t, 32>;

    swarm_key() = default;

    identity identity_{};
    unsigned slot_ = 0;
    secret secret_{};
};

// The keys of one swarm that a node accepts, of which it uses the first. To change a secret without
// an outage, every node first accepts the new one, then uses it, then gives up the old one.
class swarm_ring
{
public:
    swarm_ring() = default;  // empty: an open network

    // All of one swarm, each in a slot of its own.
    static result<swarm_ring> of(std::vector<swarm_key> keys);

    bool is_empty() const { return keys_.empty(); }
    const std::vector<swarm_key>& keys() const { return keys_; }

private:
    std::vector<swarm_key> keys_;
};

// The key of the index inside a swarm, as index_key() (node_id.hpp) is in an open network: nobody
// outside can tell which object it stands for, and no two swarms share one.
node_id swarm_index_key(const derived_key& swarm_id,
    std::string_view network,
    std::string_view cache_key,
    std::string_view variant);

}  // namespace dht
