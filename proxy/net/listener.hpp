// Accepts connections on one port of one worker.

#pragma once

#include "proxy/net/coroutine.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <functional>

namespace proxy {

struct listener_kind
{
    // Several workers listen on the port side by side (SO_REUSEPORT). The first of them must have
    // found the port free without it, so that a second process never takes our clients by accident.
    bool shared = false;
    // "[::]" means IPv6 alone, and "0.0.0.0" may be listened on beside it.
    bool own_family = false;
};

// Peers are known by one family at one port.
constexpr listener_kind of_peers{true, true};

result<asio::ip::tcp::acceptor> open_listener(
    asio::io_context& context, const asio::ip::tcp::endpoint& where, listener_kind kind);

// Whether nobody listens on the port: a bind without SO_REUSEPORT. Port 0 is free.
error_code probe_port(
    asio::io_context& context, const asio::ip::tcp::endpoint& where, bool own_family = false);

// Runs until the acceptor is closed. When descriptors run out it waits a moment instead of
// spinning.
awaitable<void> accept_loop(
    asio::ip::tcp::acceptor& acceptor, std::function<void(asio::ip::tcp::socket)> accepted);

}  // namespace proxy
