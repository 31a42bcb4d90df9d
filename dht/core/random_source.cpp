#include "dht/core/random_source.hpp"

#include <boost/assert.hpp>

#include <array>

namespace dht {

std::uint32_t random_source::number()
{
    std::array<std::uint8_t, 4> octets{};
    fill(octets);
    std::uint32_t value = 0;
    for (const std::uint8_t octet : octets) {
        value = value << 8 | octet;
    }
    return value;
}

std::size_t random_source::below(std::size_t bound)
{
    BOOST_ASSERT(bound > 0);
    return number() % bound;
}

}  // namespace dht
