// The pointers that this node keeps for the table: soft state that ends by itself.

#pragma once

#include "dht/core/config.hpp"
#include "dht/core/leakage.hpp"
#include "dht/core/message.hpp"
#include "dht/core/node_id.hpp"
#include "dht/core/pointer.hpp"
#include "dht/core/time_point.hpp"
#include "dht/core/token_mint.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace dht {

// At most config::values_per_key pointers for a key. All limits are checked on insertion; what has
// expired is never handed out, and freed by sweep().
class value_store
{
public:
    // What a putter needs to know before it goes on (Coral, section 4.2).
    struct condition
    {
        bool full = false;
        bool loaded = false;
    };

    explicit value_store(const config& settings);

    // Live pointers with what is left of their lives.
    std::vector<pointer> values(const node_id& key, time_point now) const;

    // Counts a get on its own meter; whether that found this node loaded.
    bool count_get(const node_id& key, time_point now);

    // Counts a put that asks its way; full is judged for a new value of this life.
    condition count_put(const node_id& key, std::chrono::seconds life, time_point now);

    // value.life has been capped by the caller. A pointer to the same peer is refreshed in place.
    store_status put(const node_id& key, const pointer& value, admission how, time_point now);

    // Removes what this peer has stored under the key.
    void withdraw(const node_id& key, const endpoint& peer);

    void sweep(time_point now);

    // Pointers held, expired ones that were not swept yet included.
    std::size_t size() const { return size_; }

    void check_invariant() const;

private:
    // A pointer in 40 octets instead of 80: there are many.
    struct stored
    {
        explicit stored(const pointer& value, time_point until);

        pointer unpacked(std::chrono::seconds left) const;
        endpoint peer() const;

        std::array<std::uint8_t, 16> address{};  // of IPv4 the first four
        time_point expires;
        std::uint64_t version_tag;
        std::uint16_t port;
        pointer_state state;
        std::uint8_t load;
        bool is_v4;
    };

    struct entry
    {
        std::vector<stored> values;
        leakage gets;
        leakage puts;
    };

    using entry_map = std::map<node_id, entry>;

    bool is_full(const entry& held, std::chrono::seconds life, time_point now) const;
    store_status insert(const node_id& key, const stored& value, time_point now);
    store_status displace(
        entry& held, const stored& value, std::chrono::seconds life, admission how, time_point now);
    void remove_expired(entry& held, time_point now);
    bool is_source_at_limit(const endpoint& peer) const;
    void count_source(const endpoint& peer, bool added);

    std::size_t values_per_key_;
    std::size_t values_total_;
    std::size_t values_per_source_;
    duration leak_interval_;
    entry_map entries_;
    std::map<std::string, std::size_t> per_source_;
    std::size_t size_ = 0;
};

}  // namespace dht
