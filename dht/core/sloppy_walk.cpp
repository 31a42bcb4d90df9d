#include "dht/core/sloppy_walk.hpp"

#include <algorithm>
#include <utility>

namespace dht {

namespace {

// As a number of nodes that are expected to be as close. Of uniform IDs the third closest is so
// close in one of a thousand cases, and the closest in one of five.
constexpr double suspicious = 0.2;

}  // namespace

using progress = shortlist::progress;

sloppy_walk::sloppy_walk(const node_id& self,
    const node_id& key,
    const config& settings,
    const std::vector<contact>& start)
    : candidates_(key, settings.shortlist_size),
      reached_(common_prefix(self, key)),
      closest_asked_(settings.closest_asked),
      most_queries_(settings.queries_per_walk)
{
    candidates_.add(start);
}

void sloppy_walk::go_on(const std::vector<contact>& start, bool has_answered)
{
    shortlist wider{key(), candidates_.limit()};
    for (const auto& [who, state] : candidates_.closest_first()) {
        if (state == progress::answered) {
            wider.add(who);
            wider.mark(who.at, has_answered ? progress::answered : progress::known);
            break;
        }
    }
    wider.add(start);
    candidates_ = std::move(wider);
}

std::vector<contact> sloppy_walk::gaining(progress wanted) const
{
    std::vector<contact> found;
    for (const auto& [who, state] : candidates_.closest_first()) {
        if (state == wanted && common_prefix(who.id, key()) > reached_) {
            found.push_back(who);
        }
    }
    return found;
}

std::vector<contact> sloppy_walk::steps() const
{
    std::vector<contact> found = gaining(progress::known);
    unsigned least = node_id::bit_count;
    for (const contact& who : found) {
        least = std::min(least, common_prefix(who.id, key()));
    }
    std::erase_if(found,
        [&](const contact& who) { return common_prefix(who.id, key()) - least > longest_step_; });
    return found;
}

bool sloppy_walk::is_suspiciously_close(const node_id& id) const
{
    return network_size_ > 0 && network_size_ * fraction_of_space(id, key()) < suspicious;
}

std::size_t sloppy_walk::more_at_end() const
{
    if (network_size_ == 0) {
        return 0;
    }
    constexpr double region = 12;  // nodes expected within
    constexpr std::size_t third = 2;
    constexpr std::size_t most_for_failures = 2;
    std::vector<double> distances;  // in expected nodes
    for (const auto& [who, state] : candidates_.closest_first()) {
        if (state != progress::failed) {
            distances.push_back(network_size_ * fraction_of_space(who.id, key()));
        }
    }
    if (distances.size() > third && distances[third] < suspicious) {
        const auto end = std::upper_bound(distances.begin(), distances.end(), region);
        const auto within = static_cast<std::size_t>(end - distances.begin());
        return within - std::min(within, closest_asked_);
    }
    return std::min(candidates_.count(progress::failed), most_for_failures);
}

std::optional<contact> sloppy_walk::unasked_close() const
{
    const std::size_t wanted = closest_asked_ + more_at_end();
    std::size_t closer = 0;
    for (const auto& [who, state] : candidates_.closest_first()) {
        if (closer == wanted) {
            return std::nullopt;
        }
        if (state == progress::known) {
            return who;
        }
        // Where answers are lost, those who owe one do not hold up the end.
        const bool counts =
            state != progress::failed && (state != progress::overdue || at_once_ == 1);
        closer += counts ? 1 : 0;
    }
    return std::nullopt;
}

std::optional<contact> sloppy_walk::next(random_source& random)
{
    if (stopped_ || queries_ == most_queries_) {
        return std::nullopt;
    }
    // One step at a time: its answer is likely to end the walk, and the next step follows from it.
    const std::size_t awaited = gaining(progress::asked).size();
    if (awaited >= at_once_) {
        return std::nullopt;
    }
    const std::vector<contact> known = steps();
    if (known.empty() && awaited > 0) {
        return std::nullopt;
    }
    std::optional<contact> chosen =
        known.empty() ? unasked_close() : std::optional{known[random.below(known.size())]};
    if (chosen) {
        candidates_.mark(chosen->at, progress::asked);
        ++queries_;
    }
    return chosen;
}

void sloppy_walk::answered(const contact& who, const std::vector<contact>& nodes)
{
    candidates_.mark(who.at, progress::answered);
    ++answers_;
    candidates_.add(nodes);
    reached_ = std::max(reached_, common_prefix(who.id, key()));
}

void sloppy_walk::overdue(const endpoint& who)
{
    candidates_.mark(who, progress::overdue);
}

void sloppy_walk::failed(const endpoint& who)
{
    candidates_.mark(who, progress::failed);
}

bool sloppy_walk::is_held_up() const
{
    return !is_finished() && candidates_.count(progress::asked) == 0 &&
           gaining(progress::known).empty() && !unasked_close();
}

bool sloppy_walk::is_finished() const
{
    if (stopped_) {
        return true;
    }
    if (candidates_.count(progress::asked) > 0 || candidates_.count(progress::overdue) > 0) {
        return false;
    }
    return queries_ == most_queries_ || (gaining(progress::known).empty() && !unasked_close());
}

}  // namespace dht
