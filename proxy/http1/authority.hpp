// uri-host [ ":" port ], what a Host field and a request target name (RFC 9110, section 7.2).

#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace proxy::http1 {

struct authority_view
{
    std::string_view host;              // as written; an IPv6 literal in its brackets
    std::optional<std::uint16_t> port;  // nothing if absent or empty ("host:")
};

// Nothing if the text is no authority. Stricter than RFC 3986: neither userinfo (RFC 9110, section
// 4.2.4), nor an empty host (section 4.2.1), nor percent-encoding and sub-delimiters in names,
// which no name that can be resolved holds but which others might decode. Whether a literal in
// brackets is an address is for whoever connects to it.
std::optional<authority_view> parse_authority(std::string_view text);

}  // namespace proxy::http1
