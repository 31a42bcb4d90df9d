// Where datagrams enter and leave a node: in envelopes if it has the key of a swarm, else as they
// are.

#pragma once

#include "dht/core/config.hpp"
#include "dht/core/envelope.hpp"
#include "dht/core/message.hpp"
#include "dht/core/random_source.hpp"
#include "dht/core/statistics.hpp"
#include "dht/core/time_point.hpp"

#include <boost/system/result.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string>

namespace dht {

class datagram_gate
{
public:
    // random must outlive the gate.
    datagram_gate(const config& settings, random_source& random);

    // Whether there is a key, so that all that enters comes from members of the swarm.
    bool is_closed() const { return envelope_.has_value(); }

    // What time it is for other nodes. Until it is said, the time of the driver counts from 1970,
    // which is right in simulation only. To be said again and again: clocks are set, and computers
    // sleep.
    void set_unix_time(std::chrono::system_clock::time_point unix, time_point now)
    {
        unix_offset_ = unix.time_since_epoch() - now.time_since_epoch();
    }

    std::string leave(const message& what, time_point now);

    // The same for a datagram that was encoded before and is sent again.
    std::string leave(direction which, std::string octets, time_point now);

    struct entered
    {
        message what;
        std::size_t octets;  // of the message alone
    };

    // Or why it must neither be used nor answered.
    boost::system::result<entered, drop_reason> enter(
        std::span<const std::byte> datagram, time_point now);

private:
    unix_time at(time_point now) const;

    std::size_t datagram_octets_;
    std::size_t padded_query_octets_;
    std::optional<envelope> envelope_;
    std::chrono::nanoseconds unix_offset_{};
};

}  // namespace dht
