// Accepts connections on one port of one worker.

#pragma once

#include "proxy/net/coroutine.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <functional>

namespace proxy {

// Opens a listening socket. shared: several workers listen on the port side by side (SO_REUSEPORT);
// the first of them must have found the port free without it, so that a second process never takes
// our clients by accident.
result<asio::ip::tcp::acceptor> open_listener(
    asio::io_context& context, const asio::ip::tcp::endpoint& where, bool shared);

// Whether nobody listens on the port: a bind without SO_REUSEPORT. Port 0 is free.
error_code probe_port(asio::io_context& context, const asio::ip::tcp::endpoint& where);

// Runs until the acceptor is closed. When descriptors run out it waits a moment instead of
// spinning.
awaitable<void> accept_loop(
    asio::ip::tcp::acceptor& acceptor, std::function<void(asio::ip::tcp::socket)> accepted);

}  // namespace proxy
