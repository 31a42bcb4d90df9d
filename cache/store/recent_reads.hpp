// Which objects were read lately: they get a second chance when their epoch is evicted.

#pragma once

#include "cache/store/store.hpp"

#include <array>
#include <cstddef>
#include <mutex>
#include <unordered_map>
#include <utility>
#include <vector>

namespace cache {

// The first octets of the SHA-256 of a key's text.
using key_hash = std::array<char, 16>;

// Two tables: when the newer one is full it becomes the older one, and the older one is forgotten.
// So an object counts as read lately for at least `capacity` and at most twice as many different
// objects read after it, nothing is written to disk for it, and memory is bounded. Thread-safe.
class recent_reads
{
public:
    explicit recent_reads(std::size_t capacity);

    void touch(object_id id, const key_hash& hash);

    // Takes out those below the id, oldest id first.
    std::vector<std::pair<object_id, key_hash>> take_below(object_id id);

private:
    using table = std::unordered_map<object_id, key_hash>;

    std::size_t capacity_;
    std::mutex mutex_;
    table newer_;
    table older_;
};

// Where an object went that was given a second chance, for those who were reading it. Bounded in
// the same way. Thread-safe.
class moved_objects
{
public:
    explicit moved_objects(std::size_t capacity);

    void move(object_id from, object_id to);

    // The id that the object has now: id itself unless it moved, perhaps several times.
    object_id now(object_id id) const;

private:
    using table = std::unordered_map<object_id, object_id>;

    std::size_t capacity_;
    mutable std::mutex mutex_;
    table newer_;
    table older_;
};

}  // namespace cache
