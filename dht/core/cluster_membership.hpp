// In which cluster of one level a node is, and when it moves (Coral, section 3.3).

#pragma once

#include "dht/core/cluster.hpp"
#include "dht/core/cluster_book.hpp"
#include "dht/core/cluster_choice.hpp"
#include "dht/core/config.hpp"
#include "dht/core/contact.hpp"
#include "dht/core/random_source.hpp"
#include "dht/core/time_point.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

namespace dht {

// Starts alone, in a cluster of its own. Decides; the owner does what a move takes: another routing
// table, joining through members(), announcing anew.
class cluster_membership
{
public:
    enum class advice : std::uint8_t
    {
        stay,
        moved,   // id() is another one now
        sample,  // ask some members of candidate(), then review again
    };

    // bound: round trips up to it are near.
    cluster_membership(std::chrono::milliseconds bound,
        const config& settings,
        random_source& random,
        time_point now);

    const cluster_id& id() const { return id_; }
    std::chrono::seconds age(time_point now) const;

    // `who` answered after `took` and says that it is in a cluster of this level that is not ours.
    void answered(const contact& who, const cluster_summary& its, duration took, time_point now)
    {
        others_.answered(who, its, took, now);
    }

    // The same has been noted, and this node is alone (own: in which cluster): it moves to the
    // first that is near; of two that are alone, the one with the higher ID does.
    advice met(const cluster_summary& its, const cluster_summary& own, time_point now);

    // It has turned out to be in ours, or sent a query that says where it is.
    void joined_us(const node_id& who) { others_.forget(who); }
    void heard(const node_id& who, const cluster_summary& its) { others_.heard(who, its); }

    // Whoever is of our cluster knows its age better than we do if it is older.
    void learn_age(const cluster_summary& its, time_point now);

    bool is_review_due(time_point now) const { return now >= next_review_; }
    time_point next_review() const { return next_review_; }
    advice review(const cluster_view& own, time_point now);

    // The candidate has been sampled: the same without sending out for more samples.
    advice review_sampled(const cluster_view& own, time_point now);

    const cluster_id& candidate() const { return candidate_; }

    // Known members of a cluster that we are not in, or have just moved to; nearest first.
    std::vector<contact> members(const cluster_id& cluster, std::size_t most) const
    {
        return others_.members(cluster, most);
    }

private:
    std::optional<cluster_view> best_candidate(const cluster_view& own) const;
    advice move_to(const cluster_summary& chosen, time_point now);
    advice found_cluster(time_point now);
    void schedule_review(time_point now);

    const config& settings_;
    random_source& random_;
    cluster_book others_;
    cluster_id id_{};
    time_point founded_;
    time_point next_review_;
    time_point rests_until_;
    cluster_id candidate_{};
};

}  // namespace dht
