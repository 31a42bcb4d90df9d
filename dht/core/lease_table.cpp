#include "dht/core/lease_table.hpp"

#include <boost/assert.hpp>

#include <algorithm>

namespace dht {

lease_table::lease_table(const config& settings)
    : longest_life_(settings.lease_life),
      stalled_after_(settings.lease_renewal * settings.stalled_renewals),
      limit_(settings.leases_total),
      limit_per_source_(settings.leases_per_source)
{
}

std::optional<lease_answer> lease_table::find(
    const node_id& key, const endpoint& asker, time_point now) const
{
    const auto found = leases_.find(key);
    if (found == leases_.end() || found->second.expires <= now) {
        return std::nullopt;
    }
    const lease& held = found->second;
    lease_answer out;
    out.granted = held.holder == asker;
    if (!out.granted) {
        out.holder = held.holder;
    }
    out.left = std::chrono::ceil<std::chrono::seconds>(held.expires - now);
    out.number = held.number;
    return out;
}

std::optional<lease_answer> lease_table::grant(
    const node_id& key, const endpoint& asker, std::chrono::seconds life, time_point now)
{
    sweep(now);
    const std::string source = source_of(asker);
    const auto of_source = per_source_.find(source);
    const bool is_over_share =
        of_source != per_source_.end() && of_source->second >= limit_per_source_;
    if (leases_.contains(key) || leases_.size() >= limit_ || is_over_share) {
        return std::nullopt;
    }
    lease fresh;
    fresh.holder = asker;
    fresh.number = ++last_number_;
    fresh.expires = now + std::min(life, longest_life_);
    fresh.last_progress = now;
    expiries_.emplace(fresh.expires, key);
    ++per_source_[source];
    leases_.emplace(key, std::move(fresh));
    return find(key, asker, now);
}

bool lease_table::report(
    const node_id& key, const endpoint& reporter, lease_number number, time_point now)
{
    const auto found = leases_.find(key);
    if (found == leases_.end() || found->second.expires <= now) {
        return false;
    }
    lease& held = found->second;
    if (held.number != number || held.holder == reporter) {
        return false;
    }
    const std::string source = source_of(reporter);
    const bool is_second = !held.first_reporter.empty() && held.first_reporter != source;
    // A holder that answers pings and fetches nothing. One whose origin is slow moves now and then.
    if (is_second && now - held.last_progress >= stalled_after_) {
        erase(found);
        return true;
    }
    if (held.first_reporter.empty()) {
        held.first_reporter = source;
    }
    if (!held.is_checked) {
        held.is_checked = true;
        checks_.push_back({key, held.holder, held.number});
    }
    return false;
}

std::optional<lease_table::check> lease_table::next_check()
{
    if (checks_.empty()) {
        return std::nullopt;
    }
    check next = std::move(checks_.front());
    checks_.pop_front();
    return next;
}

void lease_table::holder_answered(const check& checked)
{
    const auto found = leases_.find(checked.key);
    if (found != leases_.end() && found->second.number == checked.number) {
        found->second.is_checked = false;
    }
}

bool lease_table::holder_was_silent(const check& checked)
{
    const auto found = leases_.find(checked.key);
    // Not checked any more: it has renewed meanwhile, so the ping was lost.
    if (found == leases_.end() || found->second.number != checked.number ||
        !found->second.is_checked) {
        return false;
    }
    erase(found);
    return true;
}

lease_table::lease_map::iterator lease_table::live(
    const node_id& key, const endpoint& holder, lease_number number, time_point now)
{
    const auto found = leases_.find(key);
    const bool is_live = found != leases_.end() && found->second.expires > now &&
                         found->second.holder == holder && found->second.number == number;
    return is_live ? found : leases_.end();
}

bool lease_table::renew(const node_id& key,
    const endpoint& holder,
    lease_number number,
    std::uint64_t received_octets,
    time_point now)
{
    const auto found = live(key, holder, number, now);
    if (found == leases_.end()) {
        return false;
    }
    lease& held = found->second;
    if (received_octets > held.received_octets) {
        held.received_octets = received_octets;
        held.last_progress = now;
        held.first_reporter.clear();
    }
    held.is_checked = false;
    expiries_.erase({held.expires, key});
    held.expires = now + longest_life_;
    expiries_.emplace(held.expires, key);
    return true;
}

bool lease_table::end(
    const node_id& key, const endpoint& holder, lease_number number, time_point now)
{
    const auto found = live(key, holder, number, now);
    if (found == leases_.end()) {
        return false;
    }
    erase(found);
    return true;
}

void lease_table::sweep(time_point now)
{
    while (!expiries_.empty() && expiries_.begin()->first <= now) {
        erase(leases_.find(expiries_.begin()->second));
    }
}

void lease_table::erase(lease_map::iterator which)
{
    const auto source = per_source_.find(source_of(which->second.holder));
    BOOST_ASSERT(source != per_source_.end());
    if (--source->second == 0) {
        per_source_.erase(source);
    }
    expiries_.erase({which->second.expires, which->first});
    leases_.erase(which);
}

void lease_table::check_invariant() const
{
    BOOST_ASSERT(leases_.size() <= limit_);
    BOOST_ASSERT(leases_.size() == expiries_.size());
    BOOST_ASSERT(per_source_.size() <= leases_.size());
}

}  // namespace dht
