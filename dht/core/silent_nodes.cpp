#include "dht/core/silent_nodes.hpp"

#include <algorithm>

namespace dht {

silent_nodes::silent_nodes(const config& settings)
    : first_(settings.silent_first), last_(settings.silent_last), limit_(settings.silent_remembered)
{
}

void silent_nodes::failed(const endpoint& who, time_point now)
{
    const auto found = silent_.find(who);
    if (found != silent_.end()) {
        found->second.span = std::min(2 * found->second.span, last_);
        found->second.avoided_until = now + found->second.span;
        return;
    }
    if (silent_.size() >= limit_) {
        silent_.erase(std::min_element(
            silent_.begin(), silent_.end(), [](const auto& left, const auto& right) {
                return left.second.avoided_until < right.second.avoided_until;
            }));
    }
    silent_.emplace(who, silence{now + first_, first_});
}

bool silent_nodes::is_avoided(const endpoint& who, time_point now) const
{
    const auto found = silent_.find(who);
    return found != silent_.end() && now < found->second.avoided_until;
}

}  // namespace dht
