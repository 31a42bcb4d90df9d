// Collapses requests: one flight per key at a time, the others read from it ("collapsed" in RFC
// 9211).

#pragma once

#include "cache/policy/purge.hpp"
#include "proxy/net/flight.hpp"

#include <array>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

namespace proxy {

// Thread-safe: sharded by key, each shard guarded by its mutex. A flight leaves the table when it
// has ended; those who read it keep it alive.
class flight_table
{
public:
    struct seat
    {
        std::shared_ptr<flight> shared;
        bool leads = false;  // the caller made it and must fetch
    };

    explicit flight_table(const flight::limits& limit) : limit_{limit} {}

    // The flight for this key, or a new one that the caller leads. hash belongs to the key.
    seat join_or_lead(const std::string& key, std::size_t hash);

    // The flight for this key, if there is one.
    std::shared_ptr<flight> find(const std::string& key, std::size_t hash) const;

    // A flight that nobody else joins.
    std::shared_ptr<flight> alone() const { return std::make_shared<flight>(limit_); }

    // No more requests join it. Called by its leader before the flight ends.
    void leave(const std::string& key, std::size_t hash, const std::shared_ptr<flight>& ended);

    // No more requests join flights that the order is about: who comes after a purge is not to have
    // what was asked for before it.
    void purge(const cache::purge_order& order);

    std::size_t size() const;

private:
    static constexpr std::size_t shard_count = 16;

    struct shard
    {
        mutable std::mutex mutex;  // guards flights
        std::unordered_map<std::string, std::shared_ptr<flight>> flights;
    };

    shard& shard_of(std::size_t hash) { return shards_[hash % shard_count]; }
    const shard& shard_of(std::size_t hash) const { return shards_[hash % shard_count]; }

    flight::limits limit_;
    std::array<shard, shard_count> shards_;
};

}  // namespace proxy
