// Randomness of the operating system, for tokens and transactions.

#pragma once

#include "dht/core/random_source.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace dht {

// Not for use by two threads.
class system_random final : public random_source
{
public:
    void fill(std::span<std::uint8_t> octets) override;

private:
    std::array<std::uint8_t, 256> stock_{};  // a generator call per transaction would cost more
    std::size_t left_ = 0;
};

}  // namespace dht
