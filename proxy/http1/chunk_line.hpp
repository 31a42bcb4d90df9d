// The line before the data of a chunk (RFC 9112, section 7.1).

#pragma once

#include "proxy/http1/errc.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace proxy::http1 {

// chunk-size [ chunk-ext ], without the CRLF -> the size. errc::malformed_chunk if it is not of the
// grammar, has more than 16 digits, or is over the limit of content lengths;
// errc::chunk_overhead_too_large if the extensions are too long. They are read to the grammar so
// that no other recipient can see a line end inside them, and then dropped (section 7.1.1).
result<std::uint64_t> parse_chunk_line(std::string_view line);

inline constexpr std::size_t chunk_size_digits = 16;        // of 64 bits; leading zeros counted
inline constexpr std::size_t chunk_extension_octets = 256;  // nobody sends any but attackers

}  // namespace proxy::http1
