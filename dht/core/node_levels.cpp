// The levels of a node: learning from every answer who is near, moving between clusters.

#include "dht/core/node.hpp"

#include <algorithm>
#include <utility>

namespace dht {

// Level 0, and those above it that both of us have.
level_number node::levels_told(const std::vector<cluster_summary>& clusters) const
{
    return static_cast<level_number>(std::min<std::size_t>(clusters.size() + 1, levels_.count()));
}

// `who` has answered after `took`; clusters: what it says of itself.
void node::observe(
    const contact& who, const std::vector<cluster_summary>& clusters, duration took, time_point now)
{
    const level_number known = levels_told(clusters);
    bool is_of_wider = true;  // the whole network is
    for (level_number level = 1; level < known; ++level) {
        const cluster_summary& its = clusters[level - 1];
        near_level& near = levels_.near(level);
        const auto decided = near.answered(who, its, took, is_of_wider, now);
        is_of_wider = its.id == near.scope().cluster;
        if (decided == near_level::advice::moved) {
            moved(level, now);
        }
    }
}

// The query of an admissible node says where it is.
void node::heard(const query& asked)
{
    const level_number known = levels_told(asked.clusters);
    for (level_number level = 1; level < known; ++level) {
        levels_.near(level).heard(asked.sender, asked.clusters[level - 1]);
    }
}

// Whether a table of ours could use who asks.
bool node::is_wanted(const query& asked, const endpoint& from) const
{
    contact who;
    who.id = asked.sender;
    who.at = from;
    const contact* const known = levels_.table().find(asked.sender);
    if (known != nullptr ? known->failures > 0 : levels_.table().has_room_for(who)) {
        return true;
    }
    const level_number told = levels_told(asked.clusters);
    for (level_number level = 1; level < told; ++level) {
        const routing_table& table = levels_.table(level);
        const bool is_ours = levels_.scope(level).cluster == asked.clusters[level - 1].id;
        if (is_ours && table.find(asked.sender) == nullptr && table.has_room_for(who)) {
            return true;
        }
    }
    return false;
}

// Whether the answering node is in the cluster that it was asked in.
bool node::is_in_scope(const query_scope& scope, const response& reply) const
{
    if (scope.level == 0) {
        return true;
    }
    return reply.sloppy && reply.sloppy->clusters.size() >= scope.level &&
           reply.sloppy->clusters[scope.level - 1].id == scope.cluster;
}

// To another cluster: our neighbours there are found by looking for ourselves, and what we announce
// is put there too.
void node::moved(level_number level, time_point now)
{
    levels_.judge_worth(now);
    announced_.level_has_changed(now);
    const std::vector<contact> doors = levels_.near(level).doors(settings_.bucket_size);
    if (doors.empty()) {
        return;  // founded by ourselves
    }
    ++running_finds_;
    find_operation find{lookup{id(), settings_, doors}, find_reason::settle, levels_.scope(level)};
    advance(start(std::move(find), now + settings_.put_deadline), now);
}

void node::review_levels(time_point now)
{
    for (level_number level = 1; level < levels_.count(); ++level) {
        near_level& near = levels_.near(level);
        if (!near.is_review_due(now)) {
            continue;
        }
        switch (near.review(now)) {
        case near_level::advice::stay: break;
        case near_level::advice::moved: moved(level, now); break;
        case near_level::advice::sample: sample(near, now); break;
        }
    }
}

// A lookup within the candidate asks several of its members, and each answer is a sample.
void node::sample(const near_level& level, time_point now)
{
    ++running_finds_;
    find_operation find{lookup{id(), settings_, level.to_sample(settings_.bucket_size)},
        find_reason::sample,
        level.candidate()};
    advance(start(std::move(find), now + settings_.put_deadline), now);
}

void node::end_sample(level_number level, time_point now)
{
    if (levels_.near(level).review_sampled(now) == near_level::advice::moved) {
        moved(level, now);
    }
}

// In a large network those who are near are met by chance, and late. So each tells under the prefix
// of its address that it is there (Coral used routers on the way for this, section 3.4), and who
// knows nobody near looks there first. What is said is only whom to ping: near is who proves it.
void node::tell_neighbours(time_point now)
{
    std::optional<node_id> key;
    const auto prefix =
        address_.current() ? neighbourhood_of(address_.current()->address) : std::nullopt;
    if (settings_.prefix_hints && levels_.count() > 1 && prefix) {
        key = index_key(settings_.network, *prefix, "neighbourhood");
    }
    if (key == neighbourhood_) {
        return;
    }
    if (neighbourhood_) {
        withdraw(*neighbourhood_, now);
    }
    constexpr std::chrono::hours always{24 * 365 * 10};
    neighbourhood_ = key && announce(*key, {}, always, now) ? key : std::nullopt;
}

void node::seek_neighbours(time_point now)
{
    bool is_alone = false;
    for (level_number level = 1; level < levels_.count(); ++level) {
        is_alone = is_alone || levels_.table(level).size() == 0;
    }
    if (is_alone && neighbourhood_) {
        get_operation get{walk_to(*neighbourhood_), levels_.narrowest()};
        get.is_for_neighbours = true;
        start_get(std::move(get), settings_.put_deadline, now);
    }
}

void node::meet(const std::vector<pointer>& neighbours, time_point now)
{
    for (const pointer& one : neighbours) {
        probe(contact_at(one.peer), now);
    }
}

}  // namespace dht
