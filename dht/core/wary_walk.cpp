#include "dht/core/wary_walk.hpp"

#include <algorithm>

namespace dht {

using progress = shortlist::progress;

wary_walk::wary_walk(const node_id& key, const config& settings, const std::vector<contact>& start)
    : closest_asked_(settings.closest_asked_wary),
      parallel_(settings.wary_parallel),
      most_queries_(settings.wary_paths * settings.queries_per_walk),
      paths_(settings.wary_paths, shortlist{key, settings.shortlist_size})
{
    for (std::size_t i = 0; i < start.size(); ++i) {
        paths_[i % paths_.size()].add(start[i]);
    }
}

std::optional<contact> wary_walk::worth_asking(const shortlist& path) const
{
    std::size_t closer = 0;
    for (const auto& [who, state] : path.closest_first()) {
        if (closer == closest_asked_ || asked_.size() == most_queries_) {
            return std::nullopt;
        }
        if (state == progress::known && !asked_.contains(who.at)) {
            return who;
        }
        // Neither those who are silent nor those who are on another path take up a place.
        const bool is_of_path = state == progress::asked || state == progress::answered;
        closer += is_of_path ? 1 : 0;
    }
    return std::nullopt;
}

std::optional<contact> wary_walk::next()
{
    for (shortlist& path : paths_) {
        if (path.count(progress::asked) >= parallel_) {
            continue;
        }
        if (std::optional<contact> chosen = worth_asking(path)) {
            path.mark(chosen->at, progress::asked);
            asked_.insert(chosen->at);
            return chosen;
        }
    }
    return std::nullopt;
}

void wary_walk::answered(const endpoint& who, const std::vector<contact>& nodes)
{
    if (shortlist* const path = path_of(who)) {
        ++answers_;
        path->mark(who, progress::answered);
        path->add(nodes);
    }
}

void wary_walk::overdue(const endpoint& who)
{
    if (shortlist* const path = path_of(who)) {
        path->mark(who, progress::overdue);
    }
}

void wary_walk::failed(const endpoint& who)
{
    if (shortlist* const path = path_of(who)) {
        path->mark(who, progress::failed);
    }
}

// Only one has asked it.
shortlist* wary_walk::path_of(const endpoint& asked)
{
    const auto found = std::find_if(paths_.begin(), paths_.end(), [&](const shortlist& path) {
        return path.state_of(asked).value_or(progress::known) != progress::known;
    });
    return found == paths_.end() ? nullptr : &*found;
}

bool wary_walk::is_finished() const
{
    return std::all_of(paths_.begin(), paths_.end(), [this](const shortlist& path) {
        return path.count(progress::asked) == 0 && path.count(progress::overdue) == 0 &&
               !worth_asking(path);
    });
}

}  // namespace dht
