// Opens connections to origins and peers: resolve, judge, connect, TLS.

#pragma once

#include "proxy/net/connection.hpp"
#include "proxy/net/resolver.hpp"
#include "proxy/net/upstream_settings.hpp"
#include "proxy/net/upstream_target.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/result.hpp>

#include <cstdint>
#include <memory>
#include <string>

namespace proxy {

// Of one worker. No connection is opened but by it, and none to an address that the egress gate has
// not judged: a name is resolved once, and exactly the judged addresses are dialled.
class dialer
{
public:
    dialer(boost::asio::any_io_executor executor, upstream_settings settings);

    // A connection ready for a request, within limits::origin_resolve and origin_connect
    // (peers: peer_connect). The errors are those of upstream_errc up to tls_certificate_refused.
    boost::asio::awaitable<boost::system::result<std::unique_ptr<connection>>> dial(
        upstream_target target);

    // TCP only, by the rules for origins.
    boost::asio::awaitable<boost::system::result<boost::asio::ip::tcp::socket>> connect_origin(
        std::string host, std::uint16_t port, bool route_allows);

    // From the next connection on.
    void allow_targets(std::vector<address_block> allowed)
    {
        settings_.egress.allow_target = std::move(allowed);
    }

    std::uint64_t egress_refusals() const { return egress_refusals_; }

private:
    using connected = boost::system::result<boost::asio::ip::tcp::socket>;

    boost::asio::awaitable<connected> connect_peer(
        boost::asio::ip::address address, std::uint16_t port);
    boost::asio::awaitable<connected> connect_until(std::string host,
        std::uint16_t port,
        bool route_allows,
        connection::clock::time_point& deadline);
    boost::asio::awaitable<boost::system::error_code> handshake(
        connection& fresh, std::string host, connection::clock::time_point deadline);

    upstream_settings settings_;
    resolver resolver_;
    std::uint64_t egress_refusals_ = 0;
};

}  // namespace proxy
