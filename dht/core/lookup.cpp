#include "dht/core/lookup.hpp"

namespace dht {

using progress = shortlist::progress;

lookup::lookup(const node_id& target, const config& settings, const std::vector<contact>& start)
    : candidates_(target, settings.shortlist_size),
      wanted_(settings.bucket_size),
      parallel_(settings.parallel_queries),
      queries_left_(settings.queries_per_walk)
{
    candidates_.add(start);
}

std::optional<contact> lookup::worth_asking() const
{
    std::size_t closer = 0;
    for (const auto& [who, state] : candidates_.closest_first()) {
        if (closer == wanted_ || queries_left_ == 0) {
            return std::nullopt;
        }
        if (state == progress::known) {
            return who;
        }
        if (state != progress::failed) {
            ++closer;
        }
    }
    return std::nullopt;
}

std::optional<contact> lookup::next()
{
    if (candidates_.count(progress::asked) >= parallel_) {
        return std::nullopt;
    }
    std::optional<contact> chosen = worth_asking();
    if (chosen) {
        candidates_.mark(chosen->at, progress::asked);
        --queries_left_;
    }
    return chosen;
}

void lookup::answered(const endpoint& who, const std::vector<contact>& nodes)
{
    candidates_.mark(who, progress::answered);
    candidates_.add(nodes);
}

void lookup::overdue(const endpoint& who)
{
    candidates_.mark(who, progress::overdue);
}

void lookup::failed(const endpoint& who)
{
    candidates_.mark(who, progress::failed);
}

bool lookup::is_finished() const
{
    return candidates_.count(progress::asked) == 0 && candidates_.count(progress::overdue) == 0 &&
           !worth_asking();
}

}  // namespace dht
