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
    boost::asio::ip::address address;  // unspecified matches every local address
    std::uint16_t port = 0;
};

struct egress_rules
{
    std::vector<address_block>
        allow_target;  // --allow-target: also lifts the port rule for these addresses
    std::vector<listener_address>
        own_listeners;  // client, peer and admin ports; never dialled, whatever is allowed
};

// Origins: public unicast addresses on port 80 or 443 or from 1024 up, and what allow_target names.
// route_allows: the connection is for a configured --origin, whose addresses are allowed for that
// route only (not our own listeners, not link-local). IPv4-mapped, NAT64 (64:ff9b::/96), 6to4 and
// Teredo addresses are judged by the IPv4 address inside as well.
egress_verdict judge_origin(const boost::asio::ip::address& address,
    std::uint16_t port,
    bool route_allows,
    const egress_rules& rules);

// Peers: what the index named. Loopback only if our own peer port is on loopback; private ranges
// only if ours is private or loopback; ports from 1024 up; never our own listeners, link-local or
// reserved addresses.
egress_verdict judge_peer(const boost::asio::ip::address& address,
    std::uint16_t port,
    const boost::asio::ip::address& own_peer_address,
    const egress_rules& rules);

}  // namespace proxy
