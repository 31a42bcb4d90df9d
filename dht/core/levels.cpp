#include "dht/core/levels.hpp"

namespace dht {

levels::levels(const node_id& self, const config& settings, random_source& random, time_point now)
    : table_(self, settings), values_(settings)
{
    for (std::size_t number = 1; number < settings.level_bounds.size(); ++number) {
        near_.push_back(std::make_unique<near_level>(
            static_cast<level_number>(number), self, settings, random, now));
    }
    worth_.assign(near_.size(), false);
}

routing_table& levels::table(level_number level)
{
    return level == 0 ? table_ : near(level).table();
}

const routing_table& levels::table(level_number level) const
{
    return level == 0 ? table_ : near(level).table();
}

value_store& levels::values(level_number level)
{
    return level == 0 ? values_ : near(level).values();
}

const value_store& levels::values(level_number level) const
{
    return level == 0 ? values_ : near(level).values();
}

query_scope levels::scope(level_number level) const
{
    return level == 0 ? query_scope{} : near(level).scope();
}

bool levels::is_ours(const query_scope& scope) const
{
    return scope.level < count() && this->scope(scope.level).cluster == scope.cluster;
}

std::vector<cluster_summary> levels::summaries(time_point now) const
{
    std::vector<cluster_summary> out;
    out.reserve(near_.size());
    for (const auto& level : near_) {
        out.push_back(level->summary(now));
    }
    return out;
}

level_number levels::narrowest() const
{
    return wider_than(count());
}

level_number levels::wider_than(level_number level) const
{
    while (--level > 0) {
        if (worth_[level - 1]) {
            return level;
        }
    }
    return 0;
}

std::vector<pointer> levels::pointers(level_number level, const node_id& key, time_point now) const
{
    for (level_number narrower = count(); narrower-- > level;) {
        std::vector<pointer> found = values(narrower).values(key, now);
        if (!found.empty()) {
            return found;
        }
    }
    return {};
}

void levels::move_to(const node_id& self)
{
    table_.move_to(self);
    for (const auto& level : near_) {
        level->move_to(self);
    }
}

void levels::sweep(time_point now)
{
    values_.sweep(now);
    for (const auto& level : near_) {
        level->values().sweep(now);
    }
    judge_worth(now);
}

void levels::judge_worth(time_point now)
{
    for (std::size_t i = 0; i < near_.size(); ++i) {
        worth_[i] = near_[i]->is_worth_searching(now);
    }
}

std::size_t levels::values_stored() const
{
    std::size_t sum = values_.size();
    for (const auto& level : near_) {
        sum += level->values().size();
    }
    return sum;
}

void levels::check_invariant() const
{
    table_.check_invariant();
    values_.check_invariant();
    for (const auto& level : near_) {
        level->check_invariant();
    }
}

}  // namespace dht
