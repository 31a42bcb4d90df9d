#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <string_view>

namespace support {

// Where a peer says that it had the octets from: the `detail` of its member of Cache-Status, up to
// a slash, behind which a reason may stand.
enum class answer_source : std::uint8_t
{
    memory,
    disk,
    collapsed,  // joined a fetch that was under way in this peer, from another peer or the origin
    peer,
    origin,
    unknown,  // no Cache-Status, or none that we understand
};

inline constexpr std::array all_answer_sources{answer_source::memory,
    answer_source::disk,
    answer_source::collapsed,
    answer_source::peer,
    answer_source::origin,
    answer_source::unknown};

// Reads the value of Cache-Status (RFC 9211, section 2: the cache closest to us is the last
// member).
answer_source source_of(std::string_view cache_status);

std::string_view name_of(answer_source source);
std::ostream& operator<<(std::ostream& stream, answer_source source);
constexpr std::size_t index_of(answer_source source)
{
    return static_cast<std::size_t>(source);
}

}  // namespace support
