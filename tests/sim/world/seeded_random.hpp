// Randomness that a seed repeats.

#pragma once

#include "dht/core/random_source.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace sim {

// SplitMix64 (Steele, Lea and Flood, 2014): the same numbers on every machine.
class seeded_random final : public dht::random_source
{
public:
    explicit seeded_random(std::uint64_t seed) : state_(seed) {}

    void fill(std::span<std::uint8_t> octets) override
    {
        std::uint64_t word = 0;
        for (std::size_t i = 0; i < octets.size(); ++i) {
            word = i % sizeof word == 0 ? next() : word >> 8;
            octets[i] = static_cast<std::uint8_t>(word);
        }
    }

    std::uint64_t next()
    {
        state_ += 0x9e3779b97f4a7c15ULL;
        std::uint64_t value = state_;
        value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9ULL;
        value = (value ^ value >> 27) * 0x94d049bb133111ebULL;
        return value ^ value >> 31;
    }

private:
    std::uint64_t state_;
};

}  // namespace sim
