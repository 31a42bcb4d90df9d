#include "dht/core/announcements.hpp"

#include <boost/assert.hpp>

#include <algorithm>

namespace dht {
namespace {

// Nearer to its end than this a pointer is left alone: what was stored ends with it.
constexpr std::chrono::seconds least_interval{5};

// Puts that are brought forward for a reason that concerns many of them are spread over this time
// each, and over the second at most.
constexpr std::chrono::milliseconds early_spread{20};
constexpr std::chrono::milliseconds most_early_spread{10'000};

// Of a node that announces so many keys that it could put nothing else.
constexpr std::chrono::milliseconds least_between_renewals{20};

}  // namespace

announcements::announcements(const config& settings, random_source& random)
    : limit_(settings.announcements),
      pointer_life_(settings.pointer_life),
      in_flight_life_(settings.in_flight_life),
      retry_first_(settings.put_retry_first),
      random_(random)
{
}

bool announcements::insert(
    const node_id& key, const pointer& value, time_point until, time_point now)
{
    if (announced_.size() >= limit_ && !announced_.contains(key)) {
        return false;
    }
    const auto [place, is_new] = announced_.try_emplace(key);
    announcement& held = place->second;
    held.value = value;
    held.until = until;
    held.retry = retry_first_;
    held.changed = held.put != 0;
    if (is_new) {
        held.due = now;
        due_.emplace(now, key);
    } else if (held.put == 0) {
        reschedule(place, now);
    }
    return true;
}

std::optional<announcements::announcement> announcements::remove(const node_id& key)
{
    const auto found = announced_.find(key);
    if (found == announced_.end()) {
        return std::nullopt;
    }
    due_.erase({found->second.due, key});
    announcement out = std::move(found->second);
    announced_.erase(found);
    return out;
}

std::optional<node_id> announcements::next_due(time_point now)
{
    while (!due_.empty() && due_.begin()->first <= now) {
        const node_id key = due_.begin()->second;
        if (put_life(key, now).count() > 0) {
            return key;
        }
        remove(key);
    }
    return std::nullopt;
}

std::vector<node_id> announcements::keys(std::size_t most) const
{
    std::vector<node_id> some;
    for (auto each = announced_.begin(); each != announced_.end() && some.size() < most; ++each) {
        some.push_back(each->first);
    }
    return some;
}

const announcements::announcement& announcements::at(const node_id& key) const
{
    return announced_.at(key);
}

std::chrono::seconds announcements::put_life(const node_id& key, time_point now) const
{
    const announcement& held = announced_.at(key);
    const auto left = std::chrono::floor<std::chrono::seconds>(held.until - now);
    const std::chrono::seconds most =
        held.value.state == pointer_state::in_flight ? in_flight_life_ : pointer_life_;
    return std::min(left, most);
}

void announcements::put_started(const node_id& key, operation_id put, double network_size)
{
    announcement& held = announced_.at(key);
    due_.erase({held.due, key});
    held.put = put;
    held.changed = false;
    held.network_size = network_size;
}

void announcements::put_ended(const node_id& key,
    std::vector<holder> holders,
    std::chrono::seconds granted,
    bool reached_others,
    time_point now)
{
    const auto found = announced_.find(key);
    if (found == announced_.end()) {
        return;
    }
    announcement& held = found->second;
    held.put = 0;
    held.holders = std::move(holders);
    const duration half_life =
        std::max<duration>(std::min<duration>(granted / 2, renew_within_), least_interval);
    if (held.changed) {
        reschedule(found, now);
    } else if (reached_others) {
        held.retry = retry_first_;
        reschedule(found, std::min(held.until, now + spread(half_life)));
    } else {
        reschedule(found, std::min(held.until, now + spread(std::min(held.retry, half_life))));
        held.retry = std::min(2 * held.retry, half_life);
    }
}

void announcements::network_has_grown(double size, time_point now)
{
    for (auto at = announced_.begin(); at != announced_.end(); ++at) {
        const time_point soon = early(now);
        if (at->second.put == 0 && 2 * at->second.network_size <= size && soon < at->second.due) {
            reschedule(at, soon);
        }
    }
}

void announcements::renew_within(duration span, time_point now)
{
    const auto many = static_cast<long>(announced_.size());
    renew_within_ = std::max<duration>(span, many * least_between_renewals);
    if (renew_within_ > planned_within_ / 4 * 3) {
        planned_within_ = std::max(planned_within_, renew_within_);
        return;  // what was planned by a time that is not much longer stays
    }
    planned_within_ = renew_within_;
    for (auto at = announced_.begin(); at != announced_.end(); ++at) {
        if (at->second.put == 0 && at->second.due > now + renew_within_) {
            reschedule(at, now + spread(renew_within_));
        }
    }
}

std::vector<time_point> announcements::holder_was_lost(const endpoint& who, time_point now)
{
    std::vector<time_point> heard;
    for (auto at = announced_.begin(); at != announced_.end(); ++at) {
        std::vector<holder>& holders = at->second.holders;
        const auto lost = std::find_if(
            holders.begin(), holders.end(), [&](const holder& one) { return one.who.at == who; });
        if (lost == holders.end()) {
            continue;
        }
        heard.push_back(lost->heard);
        holders.erase(lost);
        const time_point soon = early(now);
        if (at->second.put == 0 && soon < at->second.due) {
            reschedule(at, soon);
        }
    }
    return heard;
}

std::optional<std::pair<node_id, holder>> announcements::silent_holder(
    time_point before, time_point now)
{
    constexpr std::size_t most_looked_at = 64;
    const std::size_t looked_at = std::min(announced_.size(), most_looked_at);
    for (std::size_t i = 0; i < looked_at; ++i) {
        auto at = announced_.upper_bound(asked_last_);
        at = at == announced_.end() ? announced_.begin() : at;
        std::vector<holder>& holders = at->second.holders;
        const auto silent = std::min_element(holders.begin(),
            holders.end(),
            [](const holder& left, const holder& right) { return left.asked < right.asked; });
        asked_last_ = at->first;
        if (silent != holders.end() && silent->asked < before && at->second.put == 0) {
            const holder found = *silent;
            silent->asked = now;
            return std::pair{at->first, found};
        }
    }
    return std::nullopt;
}

void announcements::holder_answered(const node_id& key, const endpoint& who, time_point now)
{
    const auto found = announced_.find(key);
    if (found == announced_.end()) {
        return;
    }
    for (holder& one : found->second.holders) {
        if (one.who.at == who) {
            one.heard = now;
            one.asked = now;
        }
    }
}

std::optional<time_point> announcements::next_timeout() const
{
    return due_.empty() ? std::nullopt : std::optional{due_.begin()->first};
}

void announcements::reschedule(map::iterator which, time_point due)
{
    due_.erase({which->second.due, which->first});
    which->second.due = due;
    due_.emplace(due, which->first);
}

time_point announcements::early(time_point now)
{
    const auto many = static_cast<long>(announced_.size());
    return now + spread(std::min(many * early_spread, most_early_spread));
}

// Half to all of the span: what was announced together does not stay together.
duration announcements::spread(duration span)
{
    constexpr std::size_t parts = 1'000;
    return span / 2 + span / 2 * static_cast<int>(random_.below(parts)) / static_cast<int>(parts);
}

}  // namespace dht
