#include "dht/core/cluster_book.hpp"

#include <algorithm>

namespace dht {

cluster_book::cluster_book(std::chrono::milliseconds bound, const config& settings)
    : bound_(bound), limit_(settings.members_remembered)
{
}

bool cluster_book::is_near(const contact& who) const
{
    const std::optional<duration> least = who.rtt.least();
    return least && *least <= bound_;
}

void cluster_book::answered(
    const contact& who, const cluster_summary& its, duration took, time_point now)
{
    const auto [place, is_new] = members_.try_emplace(who.id);
    member& known = place->second;
    if (is_new) {
        known.who = who;
    }
    known.who.at = who.at;
    known.who.rtt.add(took);
    known.who.last_answer = now;
    known.its = its;
    if (!is_near(known.who) && view(its.id).members_near == 0) {
        members_.erase(place);
        return;
    }
    if (members_.size() > limit_) {
        make_room();
    }
}

void cluster_book::heard(const node_id& who, const cluster_summary& its)
{
    const auto known = members_.find(who);
    if (known != members_.end()) {
        known->second.its = its;
    }
}

void cluster_book::make_room()
{
    const auto longest =
        std::min_element(members_.begin(), members_.end(), [](const auto& left, const auto& right) {
            return left.second.who.last_answer < right.second.who.last_answer;
        });
    members_.erase(longest);
}

cluster_view cluster_book::view(const cluster_id& cluster) const
{
    cluster_view out;
    out.summary.id = cluster;
    time_point latest{};
    for (const auto& [id, known] : members_) {
        if (known.its.id != cluster) {
            continue;
        }
        ++out.members_seen;
        out.members_near += is_near(known.who) ? 1 : 0;
        if (known.who.last_answer >= latest) {
            latest = known.who.last_answer;
            out.summary = known.its;
        }
    }
    return out;
}

std::vector<cluster_view> cluster_book::views() const
{
    std::vector<cluster_id> clusters;
    for (const auto& [id, known] : members_) {
        clusters.push_back(known.its.id);
    }
    std::sort(clusters.begin(), clusters.end());
    clusters.erase(std::unique(clusters.begin(), clusters.end()), clusters.end());
    std::vector<cluster_view> out;
    out.reserve(clusters.size());
    for (const cluster_id& one : clusters) {
        out.push_back(view(one));
    }
    return out;
}

std::vector<contact> cluster_book::members(const cluster_id& cluster, std::size_t most) const
{
    std::vector<contact> out;
    for (const auto& [id, known] : members_) {
        if (known.its.id == cluster) {
            out.push_back(known.who);
        }
    }
    std::sort(out.begin(), out.end(), [](const contact& left, const contact& right) {
        return left.rtt.least() < right.rtt.least();
    });
    out.resize(std::min(out.size(), most));
    return out;
}

}  // namespace dht
