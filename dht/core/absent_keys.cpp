#include "dht/core/absent_keys.hpp"

namespace dht {

absent_keys::absent_keys(const config& settings)
    : life_(settings.absent_life), limit_(settings.absent_remembered)
{
}

void absent_keys::note(const node_id& key, time_point now)
{
    // All live equally long, so the first noted are the first to end.
    while (!by_age_.empty() && (by_age_.front().first <= now || by_age_.size() >= limit_)) {
        const auto& [end, oldest] = by_age_.front();
        const auto found = until_.find(oldest);
        if (found != until_.end() && found->second == end) {
            until_.erase(found);
        }
        by_age_.pop_front();
    }
    until_.insert_or_assign(key, now + life_);
    by_age_.emplace_back(now + life_, key);
}

bool absent_keys::contains(const node_id& key, time_point now) const
{
    const auto found = until_.find(key);
    return found != until_.end() && now < found->second;
}

}  // namespace dht
