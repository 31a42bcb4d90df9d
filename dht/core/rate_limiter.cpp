#include "dht/core/rate_limiter.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace dht {
namespace {

constexpr std::size_t first_slots = 16;

// The finalizer of SplitMix64 (Steele, Lea and Flood, 2014).
std::uint64_t mix(std::uint64_t value)
{
    value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9ULL;
    value = (value ^ value >> 27) * 0x94d049bb133111ebULL;
    return value ^ value >> 31;
}

}  // namespace

rate_limiter::rate_limiter(const limits& wanted, random_source& random)
    : seed_(static_cast<std::uint64_t>(random.number()) << 32 | random.number()),
      cost_(std::chrono::duration_cast<duration>(std::chrono::seconds{1}) / wanted.per_second),
      credit_(cost_ * wanted.burst),
      most_slots_(wanted.slots),
      slots_(std::min(wanted.slots, first_slots))
{
}

std::uint64_t rate_limiter::number_of(const endpoint& where) const
{
    std::uint64_t address = 0;
    if (where.address.is_v4()) {
        address = where.address.to_v4().to_uint();
    } else {
        // The first half: what one customer has.
        const auto octets = where.address.to_v6().to_bytes();
        std::memcpy(&address, octets.data(), sizeof address);
    }
    const std::uint64_t port = where.address.is_loopback() ? where.port : 0;
    return mix(mix(address ^ seed_) ^ port);
}

// Where two that are busy meet, the table is too small for the crowd.
rate_limiter::slot& rate_limiter::slot_of(std::uint64_t number, time_point now)
{
    while (true) {
        slot& place = slots_[number % slots_.size()];
        const bool is_free = place.full_at <= now;
        if (place.address == number || is_free || slots_.size() == most_slots_) {
            if (place.address != number && is_free) {
                place = {number, now};
            }
            return place;
        }
        grow(now);
    }
}

void rate_limiter::grow(time_point now)
{
    std::vector<slot> larger(std::min(2 * slots_.size(), most_slots_));
    for (const slot& busy : slots_) {
        slot& place = larger[busy.address % larger.size()];
        if (busy.full_at > now && busy.full_at > place.full_at) {
            place = busy;
        }
    }
    slots_ = std::move(larger);
}

std::optional<duration> rate_limiter::book(const endpoint& where, duration most, time_point now)
{
    const std::uint64_t number = number_of(where);
    slot& place = slot_of(number, now);
    place.full_at = std::max(place.full_at, now);
    const duration wait = std::max<duration>(place.full_at + cost_ - credit_ - now, {});
    if (wait > most) {
        return std::nullopt;
    }
    place.full_at += cost_;
    return wait;
}

}  // namespace dht
