// Answering a request for a part from a complete stored response (RFC 9110, section 14; RFC 9111,
// section 3.4).

#pragma once

#include "cache/policy/stored_response.hpp"

#include <cstdint>
#include <string>

namespace cache {

enum class range_outcome : std::uint8_t
{
    whole,          // no Range, or one that is ignored: 200
    part,           // 206
    unsatisfiable,  // 416
};

struct range_decision
{
    range_outcome outcome = range_outcome::whole;
    std::uint64_t first = 0;   // where the octets to send begin
    std::uint64_t octets = 0;  // how many to send; 0 if unsatisfiable

    friend bool operator==(const range_decision&, const range_decision&) = default;
};

// For a GET whose preconditions did not end in 304. Ignored, as RFC 9110, section 14.2 allows or
// demands, are a Range that is malformed, in another unit than bytes or names several parts, one
// beside an If-Range that does not hold, and one for a stored response other than a 200.
range_decision resolve_range(const field_section& request, const stored_response& stored);

// Content-Range of the 206 ("bytes 0-1/10"), whose other fields are the stored ones.
std::string content_range(const range_decision& part, std::uint64_t body_octets);

// Content-Range of the 416 ("bytes */10").
std::string unsatisfied_content_range(std::uint64_t body_octets);

}  // namespace cache
