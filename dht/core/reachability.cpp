#include "dht/core/reachability.hpp"

#include <algorithm>
#include <chrono>
#include <functional>
#include <string>

namespace dht {
namespace {

constexpr std::size_t witnesses_needed = 2;
constexpr unsigned rounds_needed = 2;  // a round may be lost on its way

std::uint32_t seconds_of(time_point when)
{
    const auto whole = std::chrono::duration_cast<std::chrono::seconds>(when.time_since_epoch());
    return static_cast<std::uint32_t>(whole.count() + 1);
}

}  // namespace

std::string_view to_string(reach which)
{
    switch (which) {
    case reach::unknown: return "unknown";
    case reach::open: return "open";
    case reach::closed: return "closed";
    }
    return "unknown";
}

reachability::reachability(const config& settings, time_point now)
    : first_(settings.reach_first),
      again_(settings.reach_again),
      patience_(settings.reach_patience),
      gateway_memory_(settings.gateway_memory),
      due_(now + first_),
      retry_(first_)
{
}

std::size_t reachability::slot_of(const endpoint& where) const
{
    // On loopback there are ports only.
    const std::string place = where.address.is_loopback() ? to_compact(where) : source_of(where);
    return std::hash<std::string>{}(place) % slots;
}

void reachability::sent_to(const endpoint& whom, time_point now)
{
    sent_[slot_of(whom)] = seconds_of(now);
}

bool reachability::is_stranger(const endpoint& from, time_point now) const
{
    const std::uint32_t last = sent_[slot_of(from)];
    const auto memory = std::chrono::duration_cast<std::chrono::seconds>(gateway_memory_);
    return last == 0 || seconds_of(now) - last > memory.count();
}

void reachability::asked_by(const endpoint& from, bool is_probe, time_point now)
{
    if (is_stranger(from, now)) {
        verdict_ = reach::open;
        failed_rounds_ = 0;
        in_round_ = false;
        due_ = now + again_;
        return;
    }
    is_probed_ = is_probed_ || is_probe;
}

bool reachability::is_round_due(time_point now)
{
    if (in_round_ && now >= round_ends_) {
        end_round(now);
    }
    return !in_round_ && now >= due_;
}

void reachability::begin_round(time_point now)
{
    in_round_ = true;
    round_ends_ = now + patience_;
    passed_on_ = 0;
    is_probed_ = false;
}

void reachability::end_round(time_point now)
{
    in_round_ = false;
    const bool is_conclusive = passed_on_ >= witnesses_needed && !is_probed_;
    if (!is_conclusive) {
        due_ = now + retry_;
        retry_ = std::min(2 * retry_, again_);
        return;
    }
    if (++failed_rounds_ >= rounds_needed) {
        verdict_ = reach::closed;
        due_ = now + again_;
    }
}

void reachability::moved(time_point now)
{
    verdict_ = reach::unknown;
    failed_rounds_ = 0;
    in_round_ = false;
    due_ = now + first_;
    retry_ = first_;
}

}  // namespace dht
