#include "dht/core/source_limiter.hpp"

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

source_limiter::source_limiter(const config& settings, random_source& random)
    : seed_(static_cast<std::uint64_t>(random.number()) << 32 | random.number()),
      cost_(std::chrono::duration_cast<duration>(std::chrono::seconds{1}) / settings.source_rate),
      credit_(cost_ * settings.source_burst),
      slots_(settings.source_slots)
{
}

std::uint64_t source_limiter::number_of(const endpoint& source) const
{
    std::uint64_t address = 0;
    if (source.address.is_v4()) {
        address = source.address.to_v4().to_uint();
    } else {
        // The first half: what one customer has.
        const auto octets = source.address.to_v6().to_bytes();
        std::memcpy(&address, octets.data(), sizeof address);
    }
    const std::uint64_t port = source.address.is_loopback() ? source.port : 0;
    return mix(mix(address ^ seed_) ^ port);
}

bool source_limiter::admits(const endpoint& source, time_point now)
{
    const std::uint64_t number = number_of(source);
    slot& place = slots_[number % slots_.size()];
    if (place.source != number && place.empty_at <= now) {
        place = {number, now};
    }
    place.empty_at = std::max(place.empty_at, now);
    if (place.empty_at + cost_ > now + credit_) {
        return false;
    }
    place.empty_at += cost_;
    return true;
}

}  // namespace dht
