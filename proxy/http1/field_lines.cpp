#include "proxy/http1/field_lines.hpp"

#include "proxy/http1/list_members.hpp"

#include <cstdint>
#include <cstring>

namespace proxy::http1 {
namespace {

// The first octet at or after `from` that is not of the class; lines end in LF, which is of none.
std::size_t skip(octet_class wanted, std::string_view lines, std::size_t from)
{
    while (is_octet_of(wanted, lines[from])) {
        ++from;
    }
    return from;
}

// Whether one of eight octets is a control character, HTAB included. (x - n) & ~x & 0x80 is the
// known test for an octet under n; a borrow can make it say yes too often and never too seldom.
bool may_hold_control_character(std::uint64_t octets)
{
    constexpr std::uint64_t each = 0x0101010101010101U;
    constexpr std::uint64_t high_bits = each * 0x80U;
    const std::uint64_t deletes = octets ^ (each * 0x7fU);
    const std::uint64_t below_space = (octets - each * 0x20U) & ~octets;
    const std::uint64_t is_delete = (deletes - each) & ~deletes;
    return ((below_space | is_delete) & high_bits) != 0;
}

// The end of a value that begins at `from`: eight octets at a time as long as they are plain.
// Values are most of a head.
std::size_t skip_value(std::string_view lines, std::size_t from)
{
    std::uint64_t octets = 0;
    while (from + sizeof octets <= lines.size()) {
        std::memcpy(&octets, lines.data() + from, sizeof octets);
        if (may_hold_control_character(octets)) {
            const std::size_t end = from + sizeof octets;
            while (from != end && is_octet_of(value_octet, lines[from])) {
                ++from;
            }
            if (from != end) {
                return from;
            }
        } else {
            from += sizeof octets;
        }
    }
    return skip(value_octet, lines, from);
}

}  // namespace

result<void> parse_field_lines(std::string_view lines, cache::field_section& fields)
{
    while (!lines.empty()) {
        const std::size_t colon = skip(token_octet, lines, 0);
        if (colon == 0 || lines[colon] != ':') {
            return errc::malformed_field_line;
        }
        const std::size_t end = skip_value(lines, colon + 1);
        if (!lines.substr(end).starts_with("\r\n")) {
            return errc::malformed_field_line;
        }
        const std::string_view value = lines.substr(colon + 1, end - colon - 1);
        fields.add(lines.substr(0, colon), trim_blanks(value));
        lines.remove_prefix(end + 2);
    }
    return {};
}

}  // namespace proxy::http1
