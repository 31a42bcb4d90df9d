// Coralized names: the origin of a page in the name by which a peer is asked for it, so that any
// browser uses the network without a setting. "www.example.com.8080" before the suffix is
// http://www.example.com:8080.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace proxy {

struct coral_origin
{
    std::string scheme;  // "http" or "https"
    std::string host;    // canonical
    std::uint16_t port = 80;

    friend bool operator==(const coral_origin&, const coral_origin&) = default;
};

// What stands before the dot and the suffix in a canonical host; nothing if it does not end so.
std::optional<std::string_view> name_before_suffix(std::string_view host, std::string_view suffix);

// That name -> the origin. A host, optionally followed by a label
// that is a port; port 443 means https. Four labels of digits are an IPv4 address, five an address
// and a port. Nothing for anything else.
std::optional<coral_origin> parse_coral_name(std::string_view name);

// The inverse. Nothing for an origin that has no such name: an IPv6 address, https on another port
// than 443, http on port 443, or a name that would be too long or be read as another origin.
std::optional<std::string> coral_name(const coral_origin& from);

}  // namespace proxy
