#pragma once

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace support {

// A wire of a given rate that all connections of a server share: octets leave in slices of one
// packet, in the order in which the connections asked, as on a DSL line. Used from one thread.
class uplink
{
public:
    using clock = std::chrono::steady_clock;

    // Zero octets per second: no limit.
    explicit uplink(std::uint64_t octets_per_second) : octets_per_second_(octets_per_second) {}

    // How much a connection may send before it has to ask again.
    std::size_t slice_octets() const;

    // Returns when the wire has carried `octets` of the caller, who then hands them to the kernel.
    boost::asio::awaitable<void> carry(std::size_t octets);

private:
    std::uint64_t octets_per_second_;
    clock::time_point free_at_;  // when all that was accepted will be through
};

}  // namespace support
