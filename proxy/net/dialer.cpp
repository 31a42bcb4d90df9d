#include "proxy/net/dialer.hpp"

#include "proxy/net/connect_race.hpp"
#include "proxy/net/upstream_errc.hpp"

#include <boost/asio/error.hpp>
#include <boost/assert.hpp>
#include <boost/beast/core/error.hpp>

#include <utility>

namespace proxy {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

resolver_settings resolver_settings_of(const upstream_settings& settings)
{
    resolver_settings resolving;
    resolving.deadline = settings.limit.origin_resolve;
    resolving.name_servers = settings.name_servers;
    return resolving;
}

// Of our peer ports the one through which peers of that family know us.
asio::ip::address own_peer_address(
    const upstream_settings& settings, const asio::ip::address& of_peer)
{
    for (const asio::ip::address& own : settings.own_peer_addresses) {
        if (own.is_v4() == of_peer.is_v4()) {
            return own;
        }
    }
    return settings.own_peer_addresses.empty() ? asio::ip::address{}
                                               : settings.own_peer_addresses.front();
}

upstream_errc handshake_failure(const boost::system::error_code& ec, connection& failed)
{
    if (ec == boost::beast::error::timeout) {
        return upstream_errc::connect_timeout;
    }
    if (ec == asio::error::operation_aborted) {
        return upstream_errc::cancelled;
    }
    return failed.certificate_refused() ? upstream_errc::tls_certificate_refused
                                        : upstream_errc::tls_failed;
}

}  // namespace

dialer::dialer(asio::any_io_executor executor, upstream_settings settings)
    : settings_(std::move(settings)),
      resolver_(std::move(executor), resolver_settings_of(settings_))
{
    BOOST_ASSERT(settings_.tls != nullptr);
}

asio::awaitable<boost::system::result<std::unique_ptr<connection>>> dialer::dial(
    upstream_target target)
{
    connection::clock::time_point deadline;
    connected socket = upstream_errc::cancelled;
    if (target.peer) {
        socket = co_await connect_peer(target.peer_address, target.port);
    } else {
        socket = co_await connect_until(target.host, target.port, target.route_allows, deadline);
    }
    if (!socket) {
        co_return socket.error();
    }
    auto fresh = std::make_unique<connection>(*std::move(socket));
    if (target.scheme == "https") {
        if (const auto failure = co_await handshake(*fresh, target.host, deadline)) {
            co_return failure;
        }
    }
    co_return fresh;
}

asio::awaitable<dialer::connected> dialer::connect_origin(
    std::string host, std::uint16_t port, bool route_allows)
{
    connection::clock::time_point deadline;
    co_return co_await connect_until(std::move(host), port, route_allows, deadline);
}

asio::awaitable<dialer::connected> dialer::connect_peer(
    asio::ip::address address, std::uint16_t port)
{
    const egress_verdict verdict =
        judge_peer(address, port, own_peer_address(settings_, address), settings_.egress);
    if (verdict != egress_verdict::allowed) {
        ++egress_refusals_;
        co_return upstream_errc::egress_refused;
    }
    const std::vector<tcp::endpoint> endpoints(1, tcp::endpoint(address, port));
    co_return co_await connect_first(endpoints,
        settings_.limit.connect_stagger,
        connection::clock::now() + settings_.limit.peer_connect);
}

// The deadline for the connection, TLS included, starts when the name is resolved.
asio::awaitable<dialer::connected> dialer::connect_until(std::string host,
    std::uint16_t port,
    bool route_allows,
    connection::clock::time_point& deadline)
{
    const resolver::answer resolved = co_await resolver_.resolve(std::move(host));
    if (!resolved) {
        co_return resolved.error();
    }
    deadline = connection::clock::now() + settings_.limit.origin_connect;
    std::vector<tcp::endpoint> allowed;
    for (const asio::ip::address& address : alternate_families(*resolved)) {
        const bool good =
            judge_origin(address, port, route_allows, settings_.egress) == egress_verdict::allowed;
        if (good && allowed.size() < settings_.limit.connect_addresses) {
            allowed.emplace_back(address, port);
        }
    }
    if (allowed.empty()) {
        ++egress_refusals_;
        co_return upstream_errc::egress_refused;
    }
    co_return co_await connect_first(std::move(allowed), settings_.limit.connect_stagger, deadline);
}

asio::awaitable<boost::system::error_code> dialer::handshake(
    connection& fresh, std::string host, connection::clock::time_point deadline)
{
    const boost::system::error_code ec =
        co_await fresh.handshake(*settings_.tls, std::move(host), deadline);
    if (ec) {
        co_return handshake_failure(ec, fresh);
    }
    co_return boost::system::error_code();
}

}  // namespace proxy
