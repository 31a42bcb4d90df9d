// A level above 0 at this node: its cluster, whom it knows there, what it keeps for it.

#pragma once

#include "dht/core/cluster.hpp"
#include "dht/core/cluster_membership.hpp"
#include "dht/core/config.hpp"
#include "dht/core/contact.hpp"
#include "dht/core/message.hpp"
#include "dht/core/random_source.hpp"
#include "dht/core/routing_table.hpp"
#include "dht/core/statistics.hpp"
#include "dht/core/time_point.hpp"
#include "dht/core/value_store.hpp"

#include <chrono>
#include <map>
#include <vector>

namespace dht {

// Owned by the node, which tells it of every answer. A move empties the table and the store: what
// they held was of a cluster that this node has left.
class near_level
{
public:
    using advice = cluster_membership::advice;

    near_level(level_number number,
        const node_id& self,
        const config& settings,
        random_source& random,
        time_point now);

    level_number number() const { return number_; }
    query_scope scope() const { return {number_, membership_.id()}; }
    cluster_summary summary(time_point now) const;

    routing_table& table() { return table_; }
    const routing_table& table() const { return table_; }
    value_store& values() { return values_; }
    const value_store& values() const { return values_; }

    // `who` answered after `took` and says in which cluster it is. is_of_wider: it is in our
    // cluster of the next wider level.
    advice answered(const contact& who,
        const cluster_summary& its,
        duration took,
        bool is_of_wider,
        time_point now);

    // It asked us and says so: who has left is asked no more.
    void heard(const node_id& who, const cluster_summary& its);

    // This node's ID has changed.
    void move_to(const node_id& self);

    // Whether searching here spares a search of the next wider level: there is somebody here, and
    // somebody was there lately who is not here.
    bool is_worth_searching(time_point now) const;

    bool is_review_due(time_point now) const { return membership_.is_review_due(now); }
    advice review(time_point now);
    advice review_sampled(time_point now);

    // Whom to ask before the next review_sampled(), and whom to join the cluster through after a
    // move.
    std::vector<contact> to_sample(std::size_t most) const
    {
        return membership_.members(membership_.candidate(), most);
    }
    query_scope candidate() const { return {number_, membership_.candidate()}; }
    std::vector<contact> doors(std::size_t most) const
    {
        return membership_.members(membership_.id(), most);
    }

    // The cluster with what was measured of its members.
    cluster_view view(time_point now) const;
    level_statistics statistics_at(time_point now) const;

    void check_invariant() const;

private:
    advice carry_out(advice decided);
    void note_elsewhere(const node_id& who, time_point now);
    void estimate_size();

    level_number number_;
    std::chrono::milliseconds bound_;
    const config& settings_;
    node_id self_;
    cluster_membership membership_;
    routing_table table_;
    value_store values_;
    double size_ = 1;  // of the cluster, estimated when the table last changed
    std::map<node_id, time_point> elsewhere_;  // some of the wider level who are not here
    std::size_t moves_ = 0;
};

}  // namespace dht
