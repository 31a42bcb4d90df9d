// Responses in memory, in front of the disk. Never blocks on anything but a short lock.

#pragma once

#include "cache/policy/cache_key.hpp"
#include "cache/policy/freshness.hpp"
#include "cache/policy/purge.hpp"
#include "cache/policy/stored_response.hpp"
#include "cache/store/memory_body.hpp"
#include "cache/store/past_purges.hpp"
#include "cache/store/store.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace cache {

// One response with all that a hit needs, worked out when it is admitted. Never changed afterwards:
// readers on all workers share it without a lock.
struct memory_object
{
    stored_response response;
    freshness fresh;
    object_id store_id = 0;  // of the copy on disk, 0 if there is none

    // Ready to send, written by the proxy: status line, the fields that do not change from hit to
    // hit, and framing.
    std::string head;

    std::shared_ptr<const memory_body> body;  // never nullptr; shared with the writes that send it
};

// What the object occupies, with what the allocator adds.
std::size_t memory_octets(const memory_object& object);

struct memory_usage
{
    std::uint64_t octets = 0;
    std::uint64_t limit_octets = 0;
    std::uint64_t objects = 0;
    std::uint64_t hits = 0;
    std::uint64_t misses = 0;
    std::uint64_t evictions = 0;
};

enum class admission : std::uint8_t
{
    admitted,
    too_large,  // over max_object_octets(): it would push out too much else
    purged,     // it was asked for before a purge that is about it
};

// Bounded in octets, everything counted: bodies, fields, keys, tables. Thread-safe: cut into shards
// by the hash of the URL, each with a lock of its own that is held for one lookup or one change.
class memory_tier
{
public:
    explicit memory_tier(std::size_t limit_octets);
    memory_tier(const memory_tier&) = delete;
    memory_tier(memory_tier&&) = delete;
    memory_tier& operator=(const memory_tier&) = delete;
    memory_tier& operator=(memory_tier&&) = delete;
    ~memory_tier();

    // A body to admit, kept in the way that is cheapest to send.
    std::shared_ptr<const memory_body> make_body(
        std::vector<std::shared_ptr<const std::string>> pieces) const
    {
        return memory_body::make(std::move(pieces), pages_);
    }

    // The most recent variant of the key that the request selects, fresh or not; nullptr if there
    // is none. Allocates nothing.
    std::shared_ptr<const memory_object> lookup(const cache_key& key, const field_section& request);

    // Whether there is any variant of the key. Counts as no lookup.
    bool holds(const cache_key& key) const;

    // Adds the object; the variant of the key that has the same selecting fields goes.
    admission admit(const cache_key& key, std::shared_ptr<const memory_object> object);

    // Puts the object in the place of `replaced` (a 304 has updated it), unless that one has gone
    // in the meantime: what came later is not undone. Says whether it did.
    bool replace(const cache_key& key,
        const memory_object& replaced,
        std::shared_ptr<const memory_object> object);

    // Removes every response of the key's URL, whatever its variant and the Origin in its key.
    void erase(const cache_key& key);

    // The same; and from now on nothing is admitted under this URL that was asked for at `now` or
    // before.
    void invalidate(const cache_key& key, wall_time now);

    // Removes every response that the order is about, or puts one that is outdated in its place;
    // how many. Looks at all of them, a shard at a time. From now on none is admitted that was
    // asked for at `now` or before.
    std::uint64_t purge(const purge_order& order, wall_time now);

    // An object of more than this is not admitted.
    std::size_t max_object_octets() const { return max_object_octets_; }

    memory_usage usage() const;

private:
    class shard;

    shard& shard_of(const cache_key& key) const;

    past_purges purges_;
    std::size_t limit_octets_;
    std::size_t max_object_octets_ = 0;
    std::shared_ptr<page_file> pages_;            // nullptr if the system has none
    std::vector<std::unique_ptr<shard>> shards_;  // as many as a power of two
};

}  // namespace cache
