// What a node has seen of the clusters of one level, its own and others.

#pragma once

#include "dht/core/cluster.hpp"
#include "dht/core/cluster_choice.hpp"
#include "dht/core/config.hpp"
#include "dht/core/contact.hpp"
#include "dht/core/node_id.hpp"
#include "dht/core/time_point.hpp"

#include <cstddef>
#include <map>
#include <vector>

namespace dht {

// Filled by every answer that is received anyway: the round trip and what the answering node says
// of its cluster. Holds clusters with a near member only, since no other can be joined. Bounded:
// who has been silent longest is forgotten first.
class cluster_book
{
public:
    // bound: round trips up to it are near.
    cluster_book(std::chrono::milliseconds bound, const config& settings);

    // `who` answered after `took` and says that it is in this cluster.
    void answered(const contact& who, const cluster_summary& its, duration took, time_point now);

    // It sent a query and says so. Ignored if it never answered.
    void heard(const node_id& who, const cluster_summary& its);

    void forget(const node_id& who) { members_.erase(who); }

    // The cluster as seen from here; without members if nothing is known of it.
    cluster_view view(const cluster_id& cluster) const;

    // All that have been seen, in the order of their IDs.
    std::vector<cluster_view> views() const;

    // Members that are known, nearest first.
    std::vector<contact> members(const cluster_id& cluster, std::size_t most) const;

    std::size_t size() const { return members_.size(); }

private:
    struct member
    {
        contact who;
        cluster_summary its;
    };

    bool is_near(const contact& who) const;
    void make_room();

    std::chrono::milliseconds bound_;
    std::size_t limit_;
    std::map<node_id, member> members_;
};

}  // namespace dht
