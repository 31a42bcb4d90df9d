// How many datagrams pass between us and one address.

#pragma once

#include "dht/core/endpoint.hpp"
#include "dht/core/random_source.hpp"
#include "dht/core/time_point.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace dht {

// A token bucket for each address, in a table that grows with the crowd up to its limit. Nobody is
// ever banned: who slows down is heard again at once. An address is an IPv4 address, an IPv6 /64,
// or, on loopback, one process.
//
// Addresses that fall on one slot share it only while both are busy; a secret seed keeps anybody
// from aiming at another's slot.
class rate_limiter
{
public:
    struct limits
    {
        unsigned per_second;
        unsigned burst;
        std::size_t slots;  // at most; 16 octets each
    };

    rate_limiter(const limits& wanted, random_source& random);

    bool admits(const endpoint& where, time_point now) { return book(where, {}, now).has_value(); }

    // Books one datagram; it is to wait for so long. Nothing, and nothing booked, if that were
    // longer than most.
    std::optional<duration> book(const endpoint& where, duration most, time_point now);

    std::size_t slots() const { return slots_.size(); }

private:
    struct slot
    {
        std::uint64_t address = 0;
        time_point full_at{};  // when all that was taken is given back
    };

    std::uint64_t number_of(const endpoint& where) const;
    slot& slot_of(std::uint64_t number, time_point now);
    void grow(time_point now);

    std::uint64_t seed_;
    duration cost_;    // of one datagram
    duration credit_;  // of a full bucket
    std::size_t most_slots_;
    std::vector<slot> slots_;
};

}  // namespace dht
