// Host names and address literals in the one spelling that keys, Host fields and lookups use.

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace proxy {

// A host name in lower case without the dot at its end, an IPv4 address in four decimal parts, or
// an IPv6 address in brackets in the form of RFC 5952. Nothing for everything else: empty or long
// labels and names (RFC 1035, section 2.3.4), octets other than letters, digits, '-' and '_'
// (which names in the wild have, against RFC 1123), a '-' at either end of a label,
// percent-encoding, names in Unicode (punycode is accepted as it stands), zone identifiers. A name
// whose last label is a number must be an IPv4 address in exactly that form: "127.1", "0x7f.0.0.1",
// "2130706433" and "010.0.0.1" mean loopback or private addresses to some resolvers and something
// else to others.
std::optional<std::string> canonical_host(std::string_view text);

// Whether a canonical host is an address and not a name.
bool is_address_literal(std::string_view host);

}  // namespace proxy
