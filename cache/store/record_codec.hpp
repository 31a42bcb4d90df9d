// The form of records on disk. Numbers are big-endian, texts have their length in front, and each
// record carries a version and a checksum of everything else in it. What does not decode counts as
// absent: a version other than ours, a checksum or length that does not fit, a value out of range.

#pragma once

#include "cache/store/store.hpp"

#include <boost/system/result.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace cache {

// Limits of a metadata record; a response that passes them is not stored. They lie well above what
// the HTTP parser lets through.
inline constexpr std::size_t max_key_text_octets = 64 * 1024;
inline constexpr std::size_t max_section_octets = 256 * 1024;
inline constexpr std::size_t max_section_lines = 2048;

// Bodies up to this size lie in the metadata record: a hit on them is one read.
inline constexpr std::size_t max_inline_body_octets = 16 * 1024;

// What one metadata record says.
struct metadata_record
{
    std::string key_text;  // compared on lookup: the hash of two keys may be the same
    stored_object object;
};

boost::system::result<std::string> encode_metadata(std::string_view key_text,
    object_id id,
    const stored_response& response,
    std::optional<std::string_view> inline_body);
boost::system::result<metadata_record> decode_metadata(std::string_view record);

// Sets the checksum of a record to what decode_metadata expects; a fuzzer cannot guess it.
void repair_metadata_checksum(std::string& record);

// A chunk is stored as its octets followed by this trailer: the octets need not move to be sealed
// or opened. The trailer names object and index, so that a chunk found in the wrong place is
// damage, too.
inline constexpr std::size_t chunk_trailer_octets = 8 + 4 + 4 + 1 + 4;
using chunk_trailer = std::array<char, chunk_trailer_octets>;

chunk_trailer seal_chunk(object_id id, std::uint32_t index, std::span<const char> chunk);

// The length of the chunk in front of the trailer.
boost::system::result<std::size_t> check_chunk(
    object_id id, std::uint32_t index, std::string_view sealed);

}  // namespace cache
