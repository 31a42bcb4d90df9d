// The fields that say where a message ends and whether the connection goes on (RFC 9112, sections 6
// and 9.3), as far as requests and responses agree.

#pragma once

#include "cache/policy/field_section.hpp"
#include "proxy/http1/errc.hpp"

#include <cstdint>
#include <optional>

namespace proxy::http1 {

struct framing_fields
{
    std::optional<std::uint64_t> content_length;
    bool chunked = false;         // Transfer-Encoding: chunked
    bool close = false;           // Connection: close
    bool keep_alive = false;      // Connection: keep-alive
    bool odd_connection = false;  // Connection holds something other than tokens
};

// The largest content length that is accepted: what a double, and so JavaScript, counts exactly.
inline constexpr std::uint64_t content_length_limit = 1ULL << 53;

// Refused: more than one Content-Length line, equal ones too; anything but digits in it; a length
// over the limit; Transfer-Encoding beside Content-Length, or in HTTP/1.0, or on two lines, or
// other than `chunked`. If chunked is the last and other codings stand before it, the error is
// errc::unknown_transfer_coding (section 6.1: 501); else the end of the message can't be known
// (section 6.3: 400).
result<framing_fields> read_framing_fields(
    const cache::field_section& fields, unsigned minor_version);

}  // namespace proxy::http1
