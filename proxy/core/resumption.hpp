// Going on with a body whose source broke off, from the origin, without the readers noticing (RFC
// 9110, sections 13.1.5 and 14). Sans-I/O.

#pragma once

#include "cache/policy/stored_response.hpp"
#include "proxy/http1/message.hpp"

#include <cstdint>
#include <optional>

namespace proxy {

// Whether the rest can be asked for by Range: the response has a strong entity tag, which proves
// that the parts belong together. Without one the whole is asked for, and the part that was
// delivered must be the same octet for octet.
bool can_resume_by_range(const cache::stored_response& begun);

// Range and If-Range for the octets from `delivered` on; nothing to add if the whole has to be
// asked for.
cache::field_section resume_fields(const cache::stored_response& begun, std::uint64_t delivered);

// How many octets at the start of the answer's content are those that were delivered already; they
// have to be compared and skipped. Nothing if the answer does not go on with the same response:
// another status, length, validator or range.
std::optional<std::uint64_t> known_octets(const cache::stored_response& begun,
    std::optional<std::uint64_t> body_octets,
    std::uint64_t delivered,
    const http1::response_head& answer);

}  // namespace proxy
