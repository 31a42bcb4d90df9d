#include "dht/core/cluster_membership.hpp"

#include <algorithm>

namespace dht {
namespace {

// A cluster whose members tell a size above this is not one node that is alone.
constexpr double alone = 1.5;

}  // namespace

cluster_membership::cluster_membership(
    std::chrono::milliseconds bound, const config& settings, random_source& random, time_point now)
    : settings_(settings), random_(random), others_(bound, settings), rests_until_(now)
{
    found_cluster(now);
}

std::chrono::seconds cluster_membership::age(time_point now) const
{
    return std::chrono::duration_cast<std::chrono::seconds>(now - founded_);
}

cluster_membership::advice cluster_membership::met(
    const cluster_summary& its, const cluster_summary& own, time_point now)
{
    const bool is_ours_to_join = its.size > alone || is_preferred(its, own, settings_);
    return is_ours_to_join && is_acceptable(others_.view(its.id), settings_) ? move_to(its, now)
                                                                             : advice::stay;
}

void cluster_membership::learn_age(const cluster_summary& its, time_point now)
{
    founded_ = std::min(founded_, now - its.age);
}

std::optional<cluster_view> cluster_membership::best_candidate(const cluster_view& own) const
{
    std::optional<cluster_view> best;
    for (const cluster_view& one : others_.views()) {
        const cluster_summary& rival = best ? best->summary : own.summary;
        if (is_acceptable(one, settings_) && is_preferred(one.summary, rival, settings_)) {
            best = one;
        }
    }
    return best;
}

cluster_membership::advice cluster_membership::review(const cluster_view& own, time_point now)
{
    schedule_review(now);
    if (is_too_wide(own, settings_)) {
        return found_cluster(now);
    }
    const std::optional<cluster_view> best = best_candidate(own);
    if (!best || now < rests_until_) {
        return advice::stay;
    }
    const auto known = static_cast<double>(best->members_seen);
    const bool is_sampled =
        best->members_seen >= settings_.cluster_samples || known + alone > best->summary.size;
    if (is_sampled) {
        return move_to(best->summary, now);
    }
    candidate_ = best->summary.id;
    return advice::sample;
}

cluster_membership::advice cluster_membership::review_sampled(
    const cluster_view& own, time_point now)
{
    const std::optional<cluster_view> best = best_candidate(own);
    const bool holds = best && best->summary.id == candidate_ && now >= rests_until_;
    return holds ? move_to(best->summary, now) : advice::stay;
}

cluster_membership::advice cluster_membership::move_to(
    const cluster_summary& chosen, time_point now)
{
    id_ = chosen.id;
    founded_ = now - chosen.age;
    rests_until_ = now + settings_.cluster_rest * settings_.cluster_review;
    return advice::moved;
}

cluster_membership::advice cluster_membership::found_cluster(time_point now)
{
    random_.fill(id_);
    founded_ = now;
    schedule_review(now);
    return advice::moved;
}

// Not all at once: whoever started with us would otherwise decide at the same instant, each by the
// state before the others' moves.
void cluster_membership::schedule_review(time_point now)
{
    const auto span = static_cast<std::uint64_t>(settings_.cluster_review.count()) * 1'000;
    next_review_ = now + std::chrono::milliseconds{span * 3 / 4 + random_.below(span / 2 + 1)};
}

}  // namespace dht
