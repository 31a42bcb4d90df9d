#include "dht/core/shortlist.hpp"

#include <algorithm>

namespace dht {

shortlist::shortlist(const node_id& target, std::size_t limit) : target_(target), limit_(limit)
{
}

std::size_t shortlist::count(progress state) const
{
    return static_cast<std::size_t>(std::count_if(candidates_.begin(),
        candidates_.end(),
        [&](const candidate& one) { return one.state == state; }));
}

std::optional<shortlist::progress> shortlist::state_of(const endpoint& who) const
{
    const auto found = std::find_if(candidates_.begin(),
        candidates_.end(),
        [&](const candidate& one) { return one.who.at == who; });
    return found == candidates_.end() ? std::nullopt : std::optional{found->state};
}

void shortlist::add(const contact& who)
{
    const bool is_known = std::any_of(candidates_.begin(),
        candidates_.end(),
        [&](const candidate& one) { return one.who.id == who.id || one.who.at == who.at; });
    if (is_known) {
        return;
    }
    if (candidates_.size() >= limit_) {
        const auto farthest = std::find_if(candidates_.rbegin(),
            candidates_.rend(),
            [](const candidate& one) { return one.state == progress::known; });
        if (farthest == candidates_.rend() || !is_closer(target_, who.id, farthest->who.id)) {
            return;
        }
        candidates_.erase(std::next(farthest).base());
    }
    const auto place = std::find_if(candidates_.begin(),
        candidates_.end(),
        [&](const candidate& one) { return is_closer(target_, who.id, one.who.id); });
    candidates_.insert(place, candidate{who, progress::known});
}

void shortlist::add(const std::vector<contact>& several)
{
    for (const contact& who : several) {
        add(who);
    }
}

void shortlist::mark(const endpoint& who, progress state)
{
    for (candidate& one : candidates_) {
        if (one.who.at == who) {
            one.state = state;
            return;
        }
    }
}

}  // namespace dht
