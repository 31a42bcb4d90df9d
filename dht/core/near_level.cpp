#include "dht/core/near_level.hpp"

#include <algorithm>

namespace dht {

near_level::near_level(level_number number,
    const node_id& self,
    const config& settings,
    random_source& random,
    time_point now)
    : number_(number),
      bound_(settings.level_bounds.at(number)),
      settings_(settings),
      self_(self),
      membership_(bound_, settings, random, now),
      table_(self, settings),
      values_(settings)
{
}

cluster_summary near_level::summary(time_point now) const
{
    return {membership_.id(), size_, membership_.age(now)};
}

void near_level::estimate_size()
{
    size_ = table_.estimated_network_size();
}

cluster_view near_level::view(time_point now) const
{
    cluster_view out;
    out.summary = summary(now);
    for (const contact& who : table_.all()) {
        const std::optional<duration> least = who.rtt.least();
        out.members_seen += least ? 1 : 0;
        out.members_near += least && *least <= bound_ ? 1 : 0;
    }
    return out;
}

level_statistics near_level::statistics_at(time_point now) const
{
    const cluster_view seen = view(now);
    return {number_,
        bound_,
        seen.summary,
        seen.members_seen,
        seen.members_near,
        values_.size(),
        moves_};
}

near_level::advice near_level::answered(
    const contact& who, const cluster_summary& its, duration took, bool is_of_wider, time_point now)
{
    elsewhere_.erase(who.id);
    if (its.id == membership_.id()) {
        membership_.learn_age(its, now);
        membership_.joined_us(who.id);
        if (table_.answered(who, took, now)) {
            estimate_size();
        }
        return advice::stay;
    }
    if (is_of_wider) {
        note_elsewhere(who.id, now);
    }
    table_.remove(who.id);
    membership_.answered(who, its, took, now);
    // Whoever has company decides at its reviews.
    return table_.size() > 0 ? advice::stay : carry_out(membership_.met(its, summary(now), now));
}

void near_level::heard(const node_id& who, const cluster_summary& its)
{
    if (its.id == membership_.id()) {
        return;  // it has a place once it answers
    }
    table_.remove(who);
    membership_.heard(who, its);
}

void near_level::move_to(const node_id& self)
{
    self_ = self;
    table_.move_to(self);
}

bool near_level::is_worth_searching(time_point now) const
{
    // Every contact that lives has answered within this time.
    const duration lately = 2 * settings_.contact_check;
    const bool somebody_else = std::any_of(elsewhere_.begin(),
        elsewhere_.end(),
        [&](const auto& one) { return now - one.second <= lately; });
    return somebody_else && table_.good_count() > 0;
}

// One is enough to tell the levels apart; a few, because they come and go.
void near_level::note_elsewhere(const node_id& who, time_point now)
{
    elsewhere_[who] = now;
    if (elsewhere_.size() > settings_.bucket_size) {
        elsewhere_.erase(std::min_element(elsewhere_.begin(),
            elsewhere_.end(),
            [](const auto& left, const auto& right) { return left.second < right.second; }));
    }
}

near_level::advice near_level::review(time_point now)
{
    estimate_size();
    return carry_out(membership_.review(view(now), now));
}

near_level::advice near_level::review_sampled(time_point now)
{
    return carry_out(membership_.review_sampled(view(now), now));
}

near_level::advice near_level::carry_out(advice decided)
{
    if (decided == advice::moved) {
        ++moves_;
        table_ = routing_table(self_, settings_);
        values_ = value_store(settings_);
        size_ = 1;
        elsewhere_.clear();
    }
    return decided;
}

void near_level::check_invariant() const
{
    table_.check_invariant();
    values_.check_invariant();
}

}  // namespace dht
