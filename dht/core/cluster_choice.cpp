#include "dht/core/cluster_choice.hpp"

#include <algorithm>
#include <cmath>

namespace dht {
namespace {

constexpr std::size_t whole = 100;  // percent

}  // namespace

bool is_acceptable(const cluster_view& view, const config& settings)
{
    return view.members_seen > 0 &&
           whole * view.members_near >= settings.join_percent * view.members_seen;
}

bool is_too_wide(const cluster_view& view, const config& settings)
{
    const std::size_t far = view.members_seen - view.members_near;
    return whole * far > settings.leave_percent * view.members_seen;
}

double least_difference(std::chrono::seconds age, const config& settings)
{
    const auto phase = age / settings.cluster_phase;
    return phase % 2 == 0 ? settings.cluster_size_noise : settings.cluster_size_difference;
}

bool is_preferred(const cluster_summary& other, const cluster_summary& own, const config& settings)
{
    if (other.id == own.id) {
        return false;
    }
    const double difference =
        std::log2(std::max(other.size, 1.0)) - std::log2(std::max(own.size, 1.0));
    if (std::abs(difference) > least_difference(std::min(other.age, own.age), settings)) {
        return difference > 0;
    }
    return other.id < own.id;
}

}  // namespace dht
