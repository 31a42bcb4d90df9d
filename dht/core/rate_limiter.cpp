#include "dht/core/rate_limiter.hpp"

#include <algorithm>
#include <cstring>

namespace dht {
namespace {

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
      slots_(wanted.slots)
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

std::optional<duration> rate_limiter::book(const endpoint& where, duration most, time_point now)
{
    const std::uint64_t number = number_of(where);
    slot& place = slots_[number % slots_.size()];
    if (place.address != number && place.full_at <= now) {
        place = {number, now};
    }
    place.full_at = std::max(place.full_at, now);
    const duration wait = std::max<duration>(place.full_at + cost_ - credit_ - now, {});
    if (wait > most) {
        return std::nullopt;
    }
    place.full_at += cost_;
    return wait;
}

}  // namespace dht
