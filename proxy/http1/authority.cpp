#include "proxy/http1/authority.hpp"

#include "proxy/http1/ascii.hpp"

#include <algorithm>
#include <limits>

namespace proxy::http1 {
namespace {

bool is_name_octet(char c)
{
    return is_alpha(c) || is_digit(c) || c == '.' || c == '-' || c == '_' || c == '~';
}

bool is_address_octet(char c)
{
    return hex_value(c) >= 0 || c == ':' || c == '.';
}

// Octets of the host at the start of text; 0 if there is none.
std::size_t host_octets(std::string_view text)
{
    if (text.starts_with('[')) {
        const std::size_t end = text.find(']');
        if (end == std::string_view::npos || end == 1) {
            return 0;
        }
        const std::string_view inside = text.substr(1, end - 1);
        // No '%': zone identifiers mean something on one machine only (RFC 6874, section 4).
        return std::all_of(inside.begin(), inside.end(), is_address_octet) ? end + 1 : 0;
    }
    const auto end = std::find_if_not(text.begin(), text.end(), is_name_octet);
    return static_cast<std::size_t>(end - text.begin());
}

}  // namespace

std::optional<authority_view> parse_authority(std::string_view text)
{
    const std::size_t octets = host_octets(text);
    if (octets == 0) {
        return std::nullopt;
    }
    authority_view parsed{text.substr(0, octets), std::nullopt};
    std::string_view rest = text.substr(octets);
    if (rest.empty()) {
        return parsed;
    }
    constexpr std::size_t port_digits = 5;
    if (rest.front() != ':' || rest.size() > 1 + port_digits) {
        return std::nullopt;
    }
    rest.remove_prefix(1);
    if (rest.empty()) {
        return parsed;
    }
    unsigned port = 0;
    for (const char c : rest) {
        if (!is_digit(c)) {
            return std::nullopt;
        }
        port = port * 10 + static_cast<unsigned>(c - '0');
    }
    if (port == 0 || port > std::numeric_limits<std::uint16_t>::max()) {
        return std::nullopt;
    }
    parsed.port = static_cast<std::uint16_t>(port);
    return parsed;
}

}  // namespace proxy::http1
