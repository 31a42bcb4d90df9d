#include "proxy/core/peer_choice.hpp"

#include <algorithm>

namespace proxy {

void peer_health::failed(const peer_address& peer, time_point now)
{
    if (avoided_until_.size() >= most_ && avoided_until_.count(peer) == 0) {
        const auto ends_first = std::min_element(avoided_until_.begin(),
            avoided_until_.end(),
            [](const auto& left, const auto& right) { return left.second < right.second; });
        avoided_until_.erase(ends_first);
    }
    avoided_until_[peer] = now + avoidance;
}

bool peer_health::avoided(const peer_address& peer, time_point now) const
{
    const auto found = avoided_until_.find(peer);
    return found != avoided_until_.end() && now < found->second;
}

std::vector<peer_candidate> choose_peers(std::vector<peer_candidate> candidates,
    const std::vector<peer_address>& selves,
    const peer_health& health,
    peer_health::time_point now,
    const std::function<std::size_t(std::size_t)>& random)
{
    constexpr std::uint8_t refuses = 255;
    std::vector<peer_candidate> chosen;
    for (peer_candidate& candidate : candidates) {
        const bool repeated = std::any_of(chosen.begin(),
            chosen.end(),
            [&](const peer_candidate& other) { return other.where == candidate.where; });
        const bool is_self =
            std::find(selves.begin(), selves.end(), candidate.where) != selves.end();
        if (repeated || is_self || candidate.load == refuses ||
            health.avoided(candidate.where, now)) {
            continue;
        }
        chosen.push_back(candidate);
    }
    for (std::size_t left = chosen.size(); left > 1; --left) {
        std::swap(chosen[left - 1], chosen[random(left)]);
    }
    std::stable_sort(
        chosen.begin(), chosen.end(), [](const peer_candidate& left, const peer_candidate& right) {
            return std::pair{!left.complete, left.load} < std::pair{!right.complete, right.load};
        });
    return chosen;
}

}  // namespace proxy
