// Answering a request for a part from a complete stored response (RFC 9110, section 14; RFC 9111,
// section 3.4).

#pragma once

#include "cache/policy/stored_response.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cache {

enum class range_outcome : std::uint8_t
{
    whole,          // no Range, or one that is ignored: 200
    part,           // 206
    parts,          // 206, multipart/byteranges
    unsatisfiable,  // 416
};

struct byte_range
{
    std::uint64_t first = 0;   // where the octets to send begin
    std::uint64_t octets = 0;  // how many

    friend bool operator==(const byte_range&, const byte_range&) = default;
};

struct range_decision
{
    range_outcome outcome = range_outcome::whole;
    byte_range part = {};                // whole and part; nothing else is to be sent
    std::vector<byte_range> parts = {};  // two or more, none of them overlaps another; in the order
                                         // of the request

    friend bool operator==(const range_decision&, const range_decision&) = default;
};

// For a GET whose preconditions did not end in 304. Ignored, as RFC 9110, section 14.2 allows or
// demands, are a Range that is malformed, in another unit than bytes, names more than 8 parts or
// parts that overlap, one beside an If-Range that does not hold, and one for a stored response
// other than a 200. Parts that lie beyond the end are left out.
range_decision resolve_range(const field_section& request, const stored_response& stored);

// What a request asks for in its Range. Without first: the last octets, or several parts; without
// last: all up to the end.
struct requested_range
{
    std::optional<std::uint64_t> first;
    std::optional<std::uint64_t> last;
};

// Nothing if there is no Range, or one that is ignored.
std::optional<requested_range> sole_range(const field_section& request);

// Content-Range of a 206: "bytes 2-9/10". The forms with "*" are of no use here (RFC 9110,
// section 14.4).
struct received_range
{
    std::uint64_t first = 0;
    std::uint64_t last = 0;  // first <= last < complete
    std::uint64_t complete = 0;
};
std::optional<received_range> parse_content_range(std::string_view text);

// Content-Range of the 206 ("bytes 0-1/10"), whose other fields are the stored ones. The part is
// not empty.
std::string content_range(byte_range part, std::uint64_t body_octets);

// Content-Range of the 416 ("bytes */10").
std::string unsatisfied_content_range(std::uint64_t body_octets);

// The text around the octets of a multipart/byteranges body (RFC 9110, section 14.6): one before
// each part, one behind the last. No line of the body may begin with "--" and the boundary. An
// empty content type is left out.
std::string multipart_head(std::string_view boundary,
    std::string_view content_type,
    byte_range part,
    std::uint64_t body_octets);
std::string multipart_end(std::string_view boundary);

}  // namespace cache
