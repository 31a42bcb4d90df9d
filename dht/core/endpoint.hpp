// Where a node is reached: the same address and port for datagrams and for fetching from its proxy.

#pragma once

#include "dht/core/node_id.hpp"

#include <boost/asio/ip/address.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dht {

struct endpoint
{
    boost::asio::ip::address address;
    std::uint16_t port = 0;

    friend bool operator==(const endpoint&, const endpoint&) = default;
    friend bool operator<(const endpoint& left, const endpoint& right)
    {
        return left.address != right.address ? left.address < right.address
                                             : left.port < right.port;
    }
};

// The ID of the node at this endpoint: SHA-1 of the 4 or 16 address octets and the port,
// big-endian. Nobody chooses an ID; whoever hears from a node checks that it fits.
node_id id_of(const endpoint& where);

// BEP 5 and BEP 32: 6 or 18 octets.
std::string to_compact(const endpoint& where);
std::optional<endpoint> from_compact(std::string_view octets);

// Who counts as one where a share is limited: an IPv4 address, an IPv6 /64 (a customer) or, on
// loopback, a process.
std::string source_of(const endpoint& where);

// The public IPv4 /24 or IPv6 /64 of the address, as a number; nothing for addresses that anybody
// may use behind a gateway (loopback, link-local, RFC 1918, RFC 6598, RFC 4193): two of those have
// nothing in common.
std::optional<std::uint64_t> public_subnet_of(const boost::asio::ip::address& address);

// Who has the same IPv4 /24 or IPv6 /48 is likely to be near, also among private addresses:
// "10.1.2.0/24". Nothing on loopback and for link-local addresses.
std::optional<std::string> neighbourhood_of(const boost::asio::ip::address& address);

// Whether a node can be there: no port 0, no unspecified, multicast or broadcast address.
bool is_reachable_form(const endpoint& where);

// "192.0.2.1:4128" or "[2001:db8::1]:4128", and back; nothing if the text is anything else.
std::string to_string(const endpoint& where);
std::optional<endpoint> parse_endpoint(std::string_view text);

}  // namespace dht
