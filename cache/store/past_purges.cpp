#include "cache/store/past_purges.hpp"

#include <algorithm>
#include <utility>

namespace cache {

void past_purges::add(purge_order order, wall_time now)
{
    const std::lock_guard lock{mutex_};
    if (order.scope == purge_scope::url) {
        const auto [place, is_new] = urls_.insert_or_assign(std::move(order.what), now);
        if (is_new) {
            order_of_urls_.push_back(place->first);
        }
        if (urls_.size() > most_urls) {
            urls_.erase(order_of_urls_.front());
            order_of_urls_.pop_front();
        }
        return;
    }
    if (purges_.size() == most) {
        purges_.pop_front();
    }
    purges_.push_back({std::move(order), now});
}

bool past_purges::cover(std::string_view url, const field_section& response, wall_time asked) const
{
    const std::lock_guard lock{mutex_};
    if (!urls_.empty()) {
        const auto found = urls_.find(std::string{url});
        if (found != urls_.end() && asked <= found->second) {
            return true;
        }
    }
    return std::any_of(purges_.begin(), purges_.end(), [&](const past& one) {
        return asked <= one.time && concerns(one.order, url, response);
    });
}

}  // namespace cache
