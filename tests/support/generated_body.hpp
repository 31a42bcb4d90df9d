#pragma once

#include <cstdint>
#include <string>

namespace support {

// `octets` octets that depend on `seed` alone and hold no long repetition: a piece that is missing,
// doubled or of another body does not go unnoticed.
std::string generated_body(std::uint64_t seed, std::size_t octets);

}  // namespace support
