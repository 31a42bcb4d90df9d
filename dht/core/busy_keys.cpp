#include "dht/core/busy_keys.hpp"

#include <algorithm>

namespace dht {
namespace {

std::int64_t minute_of(time_point when)
{
    return std::chrono::floor<std::chrono::minutes>(when.time_since_epoch()).count();
}

}  // namespace

void busy_keys::count(const node_id& key, time_point now)
{
    const std::int64_t minute = minute_of(now);
    if (minute != minute_) {
        last_.clear();
        if (minute == minute_ + 1) {
            last_.swap(present_);
        }
        present_.clear();
        minute_ = minute;
    }
    const auto found = present_.find(key);
    if (found != present_.end()) {
        ++found->second;
        return;
    }
    std::uint64_t before = 0;
    if (present_.size() >= room) {
        const auto least = std::min_element(present_.begin(),
            present_.end(),
            [](const auto& left, const auto& right) { return left.second < right.second; });
        before = least->second;
        present_.erase(least);
    }
    present_.emplace(key, before + 1);
}

std::vector<busy_keys::load> busy_keys::busiest(std::size_t most, time_point now) const
{
    const std::int64_t ago = minute_of(now) - minute_;
    static const counts none;
    const counts& whole = ago == 0 ? last_ : ago == 1 ? present_ : none;
    std::vector<load> all;
    all.reserve(whole.size());
    for (const auto& [key, requests] : whole) {
        all.push_back({key, requests});
    }
    std::stable_sort(all.begin(), all.end(), [](const load& left, const load& right) {
        return left.requests > right.requests;
    });
    all.resize(std::min(all.size(), most));
    return all;
}

}  // namespace dht
