// The one gate that every outgoing connection passes: may this address be connected to? Sans-I/O.
// The name was resolved once, every address is judged here, and exactly a judged address is dialled
// (no second resolution).

#pragma once

#include <boost/asio/ip/address.hpp>

#include <cstdint>
#include <string_view>
#include <vector>

namespace proxy {

// An address block, "192.0.2.0/24" or "2001:db8::/32"; a lone address is a block of one.
struct address_block
{
    boost::asio::ip::address network;
    unsigned prefix_bits = 0;

    // An IPv4-mapped IPv6 address is the IPv4 address inside it, on both sides.
    bool contains(const boost::asio::ip::address& candidate) const;
    friend bool operator==(const address_block&, const address_block&) = default;
};

enum class egress_verdict : std::uint8_t
{
    allowed,
    own_listener,  // one of our own listening addresses: a loop or the admin port
    link_local,    // 169.254/16, fe80::/10, and cloud metadata addresses
    loopback,
    private_range,  // RFC 1918, RFC 6598, fc00::/7
    reserved,       // unspecified, multicast, broadcast, documentation, 240/4, site-local, discard,
                    // translation prefixes
    port,           // a port outside the allowed set
};

std::string_view explain(egress_verdict verdict);

struct listener_address
{
    // Unspecified means every loopback address; whoever listens there names the addresses of the
    // machine's interfaces beside it (a private address with the port of our peers is usually one
    // of them, not us).
    boost::asio::ip::address address;
    std::uint16_t port = 0;
};

struct egress_rules
{
    // --allow-target: also lifts the port rule for these addresses.
    std::vector<address_block> allow_target;
    // Client, peer and admin ports; never dialled, whatever is allowed.
    std::vector<listener_address> own_listeners;
};

// What a connection to an address is, by the registries of special addresses (RFC 6890): allowed,
// own_listener and port aside. An IPv4-mapped, IPv4-compatible, NAT64, 6to4 or Teredo address is at
// least as bad as the IPv4 address inside.
egress_verdict classify(const boost::asio::ip::address& address);

// Origins: public unicast addresses on port 80 or 443 or from 1024 up, and what allow_target names.
// route_allows: the connection is for a configured --origin, whose addresses and port are allowed
// for that route only. Our own listeners, link-local and metadata addresses never are.
egress_verdict judge_origin(const boost::asio::ip::address& address,
    std::uint16_t port,
    bool route_allows,
    const egress_rules& rules);

// Peers: what the index named. Loopback only if our own peer port is on loopback; private ranges
// only if ours is private or loopback; ports from 1024 up; never our own listeners, link-local or
// reserved addresses. allow_target means nothing here.
egress_verdict judge_peer(const boost::asio::ip::address& address,
    std::uint16_t port,
    const boost::asio::ip::address& own_peer_address,
    const egress_rules& rules);

}  // namespace proxy
