#include "tests/sim/oracles/sloppy_storage.hpp"

#include "dht/core/decoder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <variant>

namespace sim {
namespace {

constexpr std::chrono::minutes one_minute{1};

// What the leak lets through is stored a moment later: one of them may fall into the next minute,
// and the first of a minute need not have waited.
constexpr std::size_t of_the_edges = 2;

}  // namespace

void sloppy_storage::arrives(std::size_t from, std::size_t to, std::span<const std::byte> octets)
{
    full_before_.reset();
    const auto decoded = dht::decode(octets);
    const auto* const asked = decoded ? std::get_if<dht::query>(&decoded->body) : nullptr;
    if (asked == nullptr) {
        return;
    }
    if (const auto* get = std::get_if<dht::get_peers_query>(&asked->method)) {
        if (get->put_life) {
            count_put({to, get->key});
        }
        return;
    }
    const auto* const put = std::get_if<dht::announce_query>(&asked->method);
    if (put == nullptr || !put->put || !put->put->state || put->put->lease != 0) {
        return;
    }
    count_put({to, put->key});
    const auto held = reef_.at(to).stored(put->key, reef_.now_at(to));
    if (is_full(held, put->put->life) && !holds(held, from)) {
        full_before_ = place{to, put->key};
    }
}

void sloppy_storage::has_handled(
    std::size_t from, std::size_t to, std::span<const std::byte> /*octets*/)
{
    if (!full_before_ ||
        !holds(reef_.at(to).stored(full_before_->second, reef_.now_at(to)), from)) {
        return;
    }
    ++displaced_;
    std::deque<dht::time_point>& times = displacements_[*full_before_];
    while (!times.empty() && times.front() + one_minute < reef_.now()) {
        times.pop_front();
    }
    times.push_back(reef_.now());
    EXPECT_LE(times.size(), settings_.leakage_per_minute + of_the_edges)
        << "node " << to << " stores for a key although it is full and loaded";
}

void sloppy_storage::count_put(const place& where)
{
    const std::int64_t minute = reef_.now().time_since_epoch() / one_minute;
    meter& now = puts_[where];
    if (now.minute != minute) {
        now = {minute, 0};
    }
    ++now.count;
    worst_puts_ = std::max(worst_puts_, now.count);
    if (most_puts_) {
        EXPECT_LE(static_cast<double>(now.count), *most_puts_)
            << "node " << where.first << " is asked too often to store one key";
    }
}

bool sloppy_storage::is_full(const std::vector<dht::pointer>& held, std::chrono::seconds life) const
{
    const auto lasting = std::count_if(held.begin(), held.end(), [&](const dht::pointer& one) {
        return 2 * one.life >= std::min(life, settings_.pointer_life);
    });
    return static_cast<std::size_t>(lasting) >= settings_.values_per_key;
}

bool sloppy_storage::holds(const std::vector<dht::pointer>& held, std::size_t putter) const
{
    return std::any_of(held.begin(), held.end(), [&](const dht::pointer& one) {
        return one.peer.address == reef_.where(putter).address;
    });
}

}  // namespace sim
