// Bodies that are stored in slices: parts of fixed size at fixed places, so that a range costs the
// origin no more than the slices it touches, and what was fetched for one range serves others
// (RFC 9111, sections 3.3 and 3.4: parts are combined only under one strong validator).
//
// Under the key of the map lies the head of the response, as that of the whole, with the map for
// its body; under the key of each slice its octets. A new map has a new number: what belonged to
// another one is never found again.

#pragma once

#include "cache/policy/cache_key.hpp"
#include "cache/policy/field_section.hpp"
#include "cache/policy/range.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cache {

inline constexpr std::uint64_t slice_octets = 1 << 20;

struct slice_map
{
    std::uint64_t body_octets = 0;  // of the whole
    std::uint64_t number = 0;       // names its slices; random

    std::uint64_t slices() const { return (body_octets + slice_octets - 1) / slice_octets; }
    byte_range range_of(std::uint64_t slice) const;

    friend bool operator==(const slice_map&, const slice_map&) = default;
};

std::string encode_slice_map(const slice_map& map);
std::optional<slice_map> decode_slice_map(std::string_view text);

// Goes with the URL of the key when that is invalidated.
cache_key key_of_slice_map(const cache_key& key);
cache_key key_of_slice(const slice_map& map, std::uint64_t slice);

// What to ask the origin for if nothing is known of the body: the slices of the one range that the
// request names, else the first one. Nothing if it has no Range that could be served. The end is
// one past the last octet, and may lie beyond that of the body.
struct octet_span
{
    std::uint64_t begin = 0;
    std::uint64_t end = 0;

    friend bool operator==(const octet_span&, const octet_span&) = default;
};
std::optional<octet_span> slices_to_ask_for(const field_section& request);

// Whether a 206 brings what was asked for (RFC 9110, section 15.3.7): from the first octet on, up
// to the last or to the end of the body. content_length is that of the 206, if it says one.
bool brings(const received_range& part,
    const octet_span& asked,
    std::optional<std::uint64_t> content_length);

}  // namespace cache
