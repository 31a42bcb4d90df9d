// The checksum of every record on disk: CRC-32C (Castagnoli; RFC 3720, appendix B.4 has its test
// vectors).

#pragma once

#include <cstdint>
#include <string_view>

namespace cache {

// The checksum of what was checksummed as previous, followed by octets. Start with 0.
std::uint32_t crc32c(std::string_view octets, std::uint32_t previous = 0);

// The same without the processor's instruction; what machines without it run.
std::uint32_t crc32c_portable(std::string_view octets, std::uint32_t previous = 0);

}  // namespace cache
