// How many datagrams one source may send us.

#pragma once

#include "dht/core/config.hpp"
#include "dht/core/endpoint.hpp"
#include "dht/core/random_source.hpp"
#include "dht/core/time_point.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace dht {

// A token bucket for each source, in a table of fixed size, consulted before a datagram is parsed.
// Nobody is ever banned: who slows down is heard again at once. A source is an IPv4 address, an
// IPv6 /64, or, on loopback, one process.
//
// Sources that fall on one slot share it only while both are busy; a secret seed keeps anybody from
// aiming at another's slot.
class source_limiter
{
public:
    source_limiter(const config& settings, random_source& random);

    bool admits(const endpoint& source, time_point now);

private:
    struct slot
    {
        std::uint64_t source = 0;
        time_point empty_at{};  // when all that was taken is given back
    };

    std::uint64_t number_of(const endpoint& source) const;

    std::uint64_t seed_;
    duration cost_;    // of one datagram
    duration credit_;  // of a full bucket
    std::vector<slot> slots_;
};

}  // namespace dht
