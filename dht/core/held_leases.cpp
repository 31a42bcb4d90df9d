#include "dht/core/held_leases.hpp"

namespace dht {

held_leases::held_leases(const config& settings)
    : life_(settings.lease_life), interval_(settings.lease_renewal), limit_(settings.leases_held)
{
}

bool held_leases::insert(
    const node_id& key, lease_number number, const std::optional<holder>& grantor, time_point now)
{
    if (is_full() && !leases_.contains(key)) {
        return false;
    }
    lease& held = leases_[key];
    due_.erase({held.due, key});
    // Claimed once more: the fetch is the same.
    const fetch_progress progress = held.number == number ? held.progress : fetch_progress{};
    held = lease{number, grantor, progress, now + interval_, now + life_};
    due_.emplace(held.due, key);
    return true;
}

held_leases::lease* held_leases::find(const node_id& key, lease_number number)
{
    const auto found = leases_.find(key);
    return found != leases_.end() && found->second.number == number ? &found->second : nullptr;
}

std::optional<held_leases::lease> held_leases::remove(const node_id& key, lease_number number)
{
    const lease* const found = find(key, number);
    if (found == nullptr) {
        return std::nullopt;
    }
    lease out = *found;
    due_.erase({out.due, key});
    leases_.erase(key);
    return out;
}

std::optional<node_id> held_leases::next_due(time_point now)
{
    if (due_.empty() || due_.begin()->first > now) {
        return std::nullopt;
    }
    const node_id key = due_.begin()->second;
    due_.erase(due_.begin());
    lease& held = leases_.at(key);
    held.due = now + interval_;
    due_.emplace(held.due, key);
    return key;
}

void held_leases::renewed(
    const node_id& key, lease_number number, const std::string& token, time_point now)
{
    lease* const held = find(key, number);
    if (held == nullptr) {
        return;
    }
    held->expires = now + life_;
    if (held->grantor && !token.empty()) {
        held->grantor->token = token;
    }
}

std::vector<std::pair<node_id, lease_number>> held_leases::some(std::size_t most) const
{
    std::vector<std::pair<node_id, lease_number>> out;
    for (auto each = leases_.begin(); each != leases_.end() && out.size() < most; ++each) {
        out.emplace_back(each->first, each->second.number);
    }
    return out;
}

std::optional<time_point> held_leases::next_timeout() const
{
    return due_.empty() ? std::nullopt : std::optional{due_.begin()->first};
}

}  // namespace dht
