// What lies between nodes: links, gateways, clocks.

#include "tests/sim/world/world.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

namespace sim {
namespace {

constexpr std::int64_t million = 1'000'000;

}  // namespace

bool world::is_passed(const event& happening)
{
    const box& from = boxes_[happening.from];
    box& to = boxes_[happening.to];
    if (from.group != to.group || cuts_.contains({happening.from, happening.to})) {
        return false;
    }
    if (!to.is_behind_nat) {
        return true;
    }
    const auto opened = to.sent_to.find(happening.from);
    return opened != to.sent_to.end() && opened->second + links_.nat_memory >= now_;
}

void world::transmit(std::size_t from, dht::send_datagram& datagram)
{
    box& sender = boxes_[from];
    if (sender.change) {
        std::optional<std::string> changed = sender.change(std::move(datagram.octets), datagram.to);
        if (!changed) {
            return;
        }
        datagram.octets = std::move(*changed);
    }
    const std::optional<std::size_t> to = index_of(datagram.to);
    if (!to) {
        return;
    }
    if (sender.is_behind_nat) {
        sender.sent_to[static_cast<std::uint32_t>(*to)] = now_;
    }
    if (datagram.octets.size() > links_.mtu_octets || happens(links_.loss_permille)) {
        return;
    }
    enqueue(from, *to, datagram.octets);
    if (happens(links_.duplication_permille)) {
        enqueue(from, *to, datagram.octets);
    }
}

void world::enqueue(std::size_t from, std::size_t to, const std::string& octets)
{
    const auto most_jitter = static_cast<std::uint64_t>(links_.jitter.count());
    const auto jitter = most_jitter == 0 ? 0 : random_.next() % most_jitter;
    std::chrono::microseconds delay = base_delay(from, to) + std::chrono::microseconds{jitter};
    if (happens(links_.reordering_permille)) {
        const auto most = static_cast<std::uint64_t>(links_.reordered_by.count());
        delay += std::chrono::microseconds{most == 0 ? 0 : random_.next() % most};
    }
    queue_.push_datagram(
        now_ + delay, static_cast<std::uint32_t>(from), static_cast<std::uint32_t>(to), octets);
}

std::size_t world::site_of(std::size_t index) const
{
    return links_.site_delays.empty() ? 0 : index % links_.site_delays.size();
}

// The same in both directions and for the whole run.
std::chrono::microseconds world::base_delay(std::size_t from, std::size_t to) const
{
    seeded_random pair{seed_ ^ (std::min(from, to) * 1'000'003 + std::max(from, to))};
    std::chrono::microseconds least = links_.least_delay;
    std::chrono::microseconds most = links_.most_delay;
    if (!links_.site_delays.empty()) {
        const std::chrono::microseconds usual = links_.site_delays[site_of(from)][site_of(to)];
        least = usual * 9 / 10;
        most = usual * 11 / 10;
    }
    const auto spread = static_cast<std::uint64_t>((most - least).count());
    return least + std::chrono::microseconds{spread == 0 ? 0 : pair.next() % spread};
}

dht::time_point world::now_at(std::size_t index) const
{
    return local_time(boxes_[index], now_);
}

dht::time_point world::local_time(const box& of, dht::time_point when) const
{
    const dht::duration drift = (when - epoch) / million * of.clock.fast_ppm;
    return when + of.clock.ahead + drift;
}

// The first moment at which it is that late by the node's clock.
dht::time_point world::world_time(const box& of, dht::time_point local) const
{
    dht::time_point when = local - of.clock.ahead;
    if (of.clock.fast_ppm != 0) {
        when -= (when - epoch) / (million + of.clock.fast_ppm) * of.clock.fast_ppm;
    }
    while (local_time(of, when) < local) {
        when += local - local_time(of, when);
    }
    return when;
}

bool world::happens(unsigned permille)
{
    return permille > 0 && random_.below(1'000) < permille;
}

}  // namespace sim
