// Where a request goes: an origin by name, or a peer by address.

#pragma once

#include <boost/asio/ip/address.hpp>

#include <cstdint>
#include <string>
#include <tuple>

namespace proxy {

// Also the key of pooled connections: a connection that one policy of the egress gate allowed is
// never used under another.
struct upstream_target
{
    bool peer = false;
    std::string scheme = "http";  // "http" or "https"; peers: "http"
    std::string host;             // origins; an IPv6 literal may be in brackets
    std::uint16_t port = 80;
    bool route_allows = false;              // origins: a configured --origin (proxy/core/egress)
    boost::asio::ip::address peer_address;  // peers

    friend bool operator==(const upstream_target&, const upstream_target&) = default;
    friend bool operator<(const upstream_target& a, const upstream_target& b)
    {
        return std::tie(a.host, a.port, a.scheme, a.peer, a.route_allows, a.peer_address) <
               std::tie(b.host, b.port, b.scheme, b.peer, b.route_allows, b.peer_address);
    }
};

}  // namespace proxy
