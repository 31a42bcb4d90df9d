#include "tests/support/generated_body.hpp"

#include <algorithm>
#include <cstring>
#include <random>

namespace support {

std::string generated_body(std::uint64_t seed, std::size_t octets)
{
    std::mt19937_64 generator(seed);
    std::string result(octets, '\0');
    for (std::size_t at = 0; at < octets; at += sizeof(std::uint64_t)) {
        const std::uint64_t word = generator();
        std::memcpy(result.data() + at, &word, std::min(sizeof word, octets - at));
    }
    return result;
}

}  // namespace support
