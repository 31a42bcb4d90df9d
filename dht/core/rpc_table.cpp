#include "dht/core/rpc_table.hpp"

#include <boost/assert.hpp>

#include <algorithm>
#include <array>

namespace dht {

rpc_table::rpc_table(const config& settings)
    : limit_(settings.queries_in_flight),
      first_late_after_(settings.first_late_after),
      unknown_late_after_(settings.unknown_late_after),
      least_late_after_(settings.least_late_after),
      most_late_after_(settings.most_late_after),
      given_up_after_(settings.given_up_after)
{
}

std::string rpc_table::new_transaction(random_source& random) const
{
    std::array<std::uint8_t, 4> octets{};
    std::string transaction;
    do {
        random.fill(octets);
        transaction.assign(octets.begin(), octets.end());
    } while (queries_.contains(transaction) || repetitions_.contains(transaction));
    return transaction;
}

duration rpc_table::late_after(const contact& to) const
{
    constexpr int unknown_factor = 3;
    if (const auto measured = to.rtt.late_after()) {
        return std::clamp<duration>(*measured, least_late_after_, most_late_after_);
    }
    if (const auto usual = overall_.smoothed()) {
        return std::clamp<duration>(unknown_factor * *usual, unknown_late_after_, most_late_after_);
    }
    return first_late_after_;
}

void rpc_table::add(const std::string& transaction, pending_query query, time_point now)
{
    BOOST_ASSERT(!is_full());
    const duration usual = late_after(query.to);
    const bool is_urgent = query.late_within > duration{};
    const duration patience = is_urgent ? std::min(usual, query.late_within) : usual;
    deadlines_.emplace(now + patience, transaction);
    const bool is_conclusive = given_up_after_ * patience >= usual;
    queries_.emplace(
        transaction, entry{std::move(query), now, patience, is_conclusive, patience == usual});
}

rpc_table::entry_map::iterator rpc_table::find(const std::string& transaction)
{
    const auto repeated = repetitions_.find(transaction);
    return queries_.find(repeated == repetitions_.end() ? transaction : repeated->second);
}

void rpc_table::erase(entry_map::iterator which)
{
    repetitions_.erase(which->second.second);
    queries_.erase(which);
}

std::string rpc_table::repeat(const std::string& transaction, random_source& random, time_point now)
{
    const auto found = queries_.find(transaction);
    BOOST_ASSERT(found != queries_.end() && found->second.overdue);
    found->second.second = new_transaction(random);
    found->second.repeated = now;
    repetitions_.emplace(found->second.second, transaction);
    return found->second.second;
}

std::optional<rpc_table::answer> rpc_table::take(
    const std::string& transaction, const endpoint& from, time_point now)
{
    const auto found = find(transaction);
    if (found == queries_.end() || found->second.query.to.at != from) {
        return std::nullopt;
    }
    const entry& waiting = found->second;
    const bool is_late = waiting.overdue;
    const bool is_usual = waiting.is_usual;
    const unsigned waits = waiting.overdue ? given_up_after_ : 1;
    deadlines_.erase({waiting.sent + waits * waiting.late_after, found->first});
    const time_point sent = transaction == waiting.second ? waiting.repeated : waiting.sent;
    answer out{std::move(found->second.query), now - sent};
    erase(found);
    overall_.add(out.took);
    if (!is_late && is_usual) {
        count(false);
    }
    return out;
}

void rpc_table::count(bool late)
{
    constexpr double remembered = 32;
    late_share_ += ((late ? 1 : 0) - late_share_) / remembered;
}

std::optional<rpc_table::expiry> rpc_table::next_expiry(time_point now)
{
    if (deadlines_.empty() || deadlines_.begin()->first > now) {
        return std::nullopt;
    }
    const std::string transaction = deadlines_.begin()->second;
    deadlines_.erase(deadlines_.begin());
    const auto found = queries_.find(transaction);
    BOOST_ASSERT(found != queries_.end());
    entry& waiting = found->second;
    if (!waiting.overdue) {
        waiting.overdue = true;
        if (waiting.is_usual) {
            count(true);
        }
        deadlines_.emplace(waiting.sent + given_up_after_ * waiting.late_after, transaction);
        return expiry{event::overdue, transaction, waiting.query, waiting.sent, false};
    }
    expiry out{
        event::failed, transaction, std::move(waiting.query), waiting.sent, waiting.is_conclusive};
    erase(found);
    return out;
}

std::optional<time_point> rpc_table::next_timeout() const
{
    return deadlines_.empty() ? std::nullopt : std::optional{deadlines_.begin()->first};
}

}  // namespace dht
