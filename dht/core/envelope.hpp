// What a datagram travels in inside a swarm: nobody without the key reads it, alters it or is
// answered.

#pragma once

#include "dht/core/random_source.hpp"
#include "dht/core/statistics.hpp"
#include "dht/core/swarm_key.hpp"
#include "dht/core/time_point.hpp"
#include "dht/core/xaes_256_gcm.hpp"

#include <boost/system/result.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dht {

enum class direction : std::uint8_t
{
    query = 0,
    answer = 1,  // an error too
};

// octet 0       0xc1; a plain datagram begins with 'd'
// octet 1       bits 0..3 slot of the key in the ring, bits 4..6 zero, bit 7 direction
// 2..25         nonce, random
// 26..          XAES-256-GCM of (u32 unix time, KRPC datagram), octets 0 and 1 authenticated; tag
//
// The direction stands where everybody can read it, so that one attempt decides, and cannot be
// changed: what was sent as a query is never taken for an answer. The time bounds how long a copy
// of a datagram is accepted; within that, reads are harmless, puts carry a token that belongs to an
// address, and an answer must match an open query.
class envelope
{
public:
    static constexpr std::size_t octets_added =
        2 + xaes_256_gcm::nonce_octets + 4 + xaes_256_gcm::tag_octets;

    // The ring is not empty; random must outlive the envelope and, outside of tests, be the
    // operating system's. Of clocks that differ by more than tolerance one side is not heard.
    envelope(const swarm_ring& ring, std::chrono::seconds tolerance, random_source& random);

    std::string seal(direction which, std::string_view datagram, unix_time now);

    struct opened
    {
        direction which;
        std::span<const std::byte> datagram;  // until the next call
    };

    // Or why it was not opened. Nothing of it may then be used or answered.
    boost::system::result<opened, drop_reason> open(
        std::span<const std::byte> sealed, unix_time now);

private:
    std::array<std::optional<xaes_256_gcm>, swarm_key::slot_count> ciphers_;
    unsigned primary_slot_;
    std::chrono::seconds tolerance_;
    random_source& random_;
    std::vector<std::uint8_t> text_;
};

}  // namespace dht
