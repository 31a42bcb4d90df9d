// Randomness for fuzz targets: the same for each input, so that a finding is replayed by its input
// alone.

#pragma once

#include "dht/core/random_source.hpp"

#include <cstdint>
#include <span>

class counting_random final : public dht::random_source
{
public:
    void fill(std::span<std::uint8_t> octets) override
    {
        for (std::uint8_t& octet : octets) {
            octet = ++last_;
        }
    }

private:
    std::uint8_t last_ = 0;
};
