#include "cache/store/past_purges.hpp"

#include <algorithm>
#include <utility>

namespace cache {

void past_purges::add(purge_order order, wall_time now)
{
    const std::lock_guard lock{mutex_};
    if (purges_.size() == most) {
        purges_.pop_front();
    }
    purges_.push_back({std::move(order), now});
}

bool past_purges::cover(std::string_view url, const field_section& response, wall_time asked) const
{
    const std::lock_guard lock{mutex_};
    return std::any_of(purges_.begin(), purges_.end(), [&](const past& one) {
        return asked <= one.time && concerns(one.order, url, response);
    });
}

}  // namespace cache
