// Whatever else lives in a simulated network beside real nodes: reference models of other tables.

#pragma once

#include "dht/core/endpoint.hpp"
#include "dht/core/node.hpp"
#include "dht/core/time_point.hpp"

#include <optional>
#include <span>

namespace sim {

// The same contract as dht::node has with its driver.
class actor
{
public:
    actor() = default;
    virtual ~actor() = default;
    actor(const actor&) = delete;
    actor& operator=(const actor&) = delete;

    virtual void handle_datagram(
        const dht::endpoint& from, std::span<const std::byte> octets, dht::time_point now) = 0;
    virtual void handle_timeout(dht::time_point now) = 0;
    virtual std::optional<dht::time_point> next_timeout() const = 0;
    virtual std::optional<dht::send_datagram> poll_output() = 0;
};

}  // namespace sim
