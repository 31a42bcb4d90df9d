// Where a node's randomness comes from: the operating system in the program, a seed in simulation.

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace dht {

// Tokens and transaction numbers are made of it, so in the program it must not be guessable.
class random_source
{
public:
    virtual ~random_source() = default;

    virtual void fill(std::span<std::uint8_t> octets) = 0;

    std::uint32_t number();

    // Uniform in [0, bound); bound is at least 1. Bias below 2^-16 for the bounds used here, which
    // are lengths of short lists and permille of a delay.
    std::size_t below(std::size_t bound);
};

}  // namespace dht
