// The levels of a node, the whole network first (Coral, section 3.1).

#pragma once

#include "dht/core/cluster.hpp"
#include "dht/core/config.hpp"
#include "dht/core/message.hpp"
#include "dht/core/near_level.hpp"
#include "dht/core/random_source.hpp"
#include "dht/core/routing_table.hpp"
#include "dht/core/time_point.hpp"
#include "dht/core/value_store.hpp"

#include <cstddef>
#include <memory>
#include <vector>

namespace dht {

// Level 0 has a table and a store and is never left; the others are near_levels. Searches begin at
// the narrowest level and go on to wider ones; a level that does not differ from the next is left
// out, so that a network in one place costs what one level costs.
class levels
{
public:
    levels(const node_id& self, const config& settings, random_source& random, time_point now);

    // Of level 0.
    routing_table& table() { return table_; }
    const routing_table& table() const { return table_; }
    value_store& values() { return values_; }
    const value_store& values() const { return values_; }

    // level is below count().
    level_number count() const { return static_cast<level_number>(1 + near_.size()); }
    routing_table& table(level_number level);
    const routing_table& table(level_number level) const;
    value_store& values(level_number level);
    const value_store& values(level_number level) const;
    query_scope scope(level_number level) const;
    near_level& near(level_number level) { return *near_[level - 1]; }
    const near_level& near(level_number level) const { return *near_[level - 1]; }

    // Whether this node is in that cluster.
    bool is_ours(const query_scope& scope) const;

    // What this node tells of itself with every message.
    std::vector<cluster_summary> summaries(time_point now) const;

    // Where a search begins, and where it goes on after a level above 0.
    level_number narrowest() const;
    level_number wider_than(level_number level) const;

    // Pointers that were put at this level or a narrower one, the nearest first: whatever holds for
    // a cluster holds for what it is a part of.
    std::vector<pointer> pointers(level_number level, const node_id& key, time_point now) const;

    // All tables: this node's ID has changed, and with it its place in every bucket.
    void move_to(const node_id& self);

    // Periodically: expired pointers, and which levels are worth searching.
    void sweep(time_point now);
    void judge_worth(time_point now);

    std::size_t values_stored() const;
    void check_invariant() const;

private:
    routing_table table_;
    value_store values_;
    std::vector<std::unique_ptr<near_level>> near_;
    std::vector<bool> worth_;  // of near_
};

}  // namespace dht
