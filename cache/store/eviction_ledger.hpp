// Which objects are evicted next, and how much that frees.

#pragma once

#include "cache/store/store.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

namespace cache {

// Objects are evicted in the order of their ids, an epoch at a time: everything with an id below
// floor() is gone, whether its records still lie in a file or not. Ids rise for ever, so the ids of
// an epoch are a range, and what was written in it lies close together on disk. Sums are estimates:
// those of objects that were being written when the program was killed are missing.
class eviction_ledger
{
public:
    struct epoch
    {
        object_id first = 0;  // the ids up to the first one of the next epoch
        std::uint64_t objects = 0;
        std::uint64_t metadata_octets = 0;
        std::uint64_t body_octets = 0;

        std::uint64_t octets() const { return metadata_octets + body_octets; }
        friend bool operator==(const epoch&, const epoch&) = default;
    };

    // An epoch ends at the first id that is given out after it has this many octets.
    explicit eviction_ledger(std::uint64_t epoch_octets);

    // What was on disk; first is the floor if there is no epoch. Epochs in the order of their ids.
    void restore(object_id floor, const std::deque<epoch>& epochs);

    // Called with each id that is given out, in order.
    void advance(object_id next);

    void add_body(object_id id, std::uint64_t octets);
    void add_object(object_id id, std::uint64_t metadata_octets);
    void remove_object(object_id id);

    object_id floor() const { return epochs_.front().first; }
    const epoch& oldest() const { return epochs_.front(); }

    // The first id that is not of the oldest epoch; the highest there can be if it is the only one.
    object_id end_of_oldest() const;

    // The epoch that has the id; nothing if it was evicted.
    std::optional<epoch> epoch_of(object_id id) const;

    struct eviction
    {
        epoch evicted;
        object_id floor;  // the new one
    };

    // Evicts the oldest epoch. If it is the only one, a new one begins at next, an id above all
    // that were given out.
    eviction evict(object_id next);

    std::uint64_t objects() const;
    std::uint64_t evicted_octets() const { return evicted_octets_; }

    // At least one epoch; first ids strictly rising.
    bool check_invariant() const;

private:
    epoch* find(object_id id);

    std::uint64_t epoch_octets_;
    std::uint64_t evicted_octets_ = 0;
    std::deque<epoch> epochs_;
};

}  // namespace cache
