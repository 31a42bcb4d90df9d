#include "proxy/net/listener.hpp"

#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <utility>

namespace proxy {
namespace {

using reuse_port = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

constexpr std::chrono::milliseconds pause_without_descriptors{100};

}  // namespace

result<asio::ip::tcp::acceptor> open_listener(
    asio::io_context& context, const asio::ip::tcp::endpoint& where, listener_kind kind)
{
    asio::ip::tcp::acceptor acceptor{context};
    error_code error;
    acceptor.open(where.protocol(), error);
    if (!error) {
        acceptor.set_option(asio::socket_base::reuse_address{true}, error);
    }
    if (!error && kind.own_family && where.address().is_v6()) {
        acceptor.set_option(asio::ip::v6_only{true}, error);
    }
    if (!error && kind.shared) {
        acceptor.set_option(reuse_port{true}, error);
    }
    if (!error) {
        acceptor.bind(where, error);
    }
    if (!error) {
        acceptor.listen(asio::socket_base::max_listen_connections, error);
    }
    if (error) {
        return error;
    }
    return acceptor;
}

error_code probe_port(
    asio::io_context& context, const asio::ip::tcp::endpoint& where, bool own_family)
{
    if (where.port() == 0) {
        return {};
    }
    const result<asio::ip::tcp::acceptor> probe =
        open_listener(context, where, {false, own_family});
    return probe ? error_code{} : probe.error();
}

awaitable<void> accept_loop(
    asio::ip::tcp::acceptor& acceptor, std::function<void(asio::ip::tcp::socket)> accepted)
{
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    while (acceptor.is_open()) {
        auto [error, socket] = co_await acceptor.async_accept(use_tuple);
        if (!error) {
            accepted(std::move(socket));
            continue;
        }
        if (error == asio::error::operation_aborted || error == asio::error::bad_descriptor) {
            co_return;
        }
        asio::steady_timer pause(executor, pause_without_descriptors);
        co_await pause.async_wait(use_tuple);
    }
}

}  // namespace proxy
