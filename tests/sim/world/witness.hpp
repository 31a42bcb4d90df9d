// Who looks on while a simulation runs, and knows more than any node.

#pragma once

#include <cstddef>
#include <span>

namespace sim {

// Called for all nodes, real ones and models. Must not change the world.
class witness
{
public:
    witness() = default;
    virtual ~witness() = default;
    witness(const witness&) = delete;
    witness& operator=(const witness&) = delete;

    // Before the node learns of the datagram, and after it has dealt with it.
    virtual void arrives(
        std::size_t /*from*/, std::size_t /*to*/, std::span<const std::byte> /*octets*/)
    {
    }
    virtual void has_handled(
        std::size_t /*from*/, std::size_t /*to*/, std::span<const std::byte> /*octets*/)
    {
    }

    virtual void had_timer(std::size_t /*index*/) {}
};

}  // namespace sim
