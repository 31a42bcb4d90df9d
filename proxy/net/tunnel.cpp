#include "proxy/net/tunnel.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

#include <array>

namespace proxy {
namespace {

constexpr std::size_t piece_octets = 16 * 1024;

// A direction that is silent keeps waiting as long as the other one moves.
struct activity
{
    std::chrono::steady_clock::time_point last = std::chrono::steady_clock::now();
};

awaitable<void> pump(client_stream& from,
    client_stream& to,
    activity& shared,
    std::chrono::milliseconds idle,
    std::uint64_t& octets)
{
    std::string piece(piece_octets, '\0');
    while (true) {
        const result<std::size_t> read = co_await from.read_some(asio::buffer(piece), idle);
        if (!read) {
            const bool quiet_too_long = std::chrono::steady_clock::now() - shared.last >= idle;
            if (read.error() == asio::error::timed_out && !quiet_too_long) {
                continue;
            }
            break;
        }
        shared.last = std::chrono::steady_clock::now();
        const error_code error = co_await to.write(std::string_view(piece).substr(0, *read), idle);
        if (error) {
            from.close();
            break;
        }
        octets += *read;
    }
    to.shutdown_send();
}

}  // namespace

awaitable<tunnel_octets> run_tunnel(client_stream& client,
    asio::ip::tcp::socket origin,
    deadline_list& deadlines,
    std::chrono::milliseconds idle)
{
    using asio::experimental::awaitable_operators::operator&&;
    client_stream server(std::move(origin), deadlines);
    activity shared;
    tunnel_octets octets;
    co_await (pump(client, server, shared, idle, octets.to_origin) &&
              pump(server, client, shared, idle, octets.to_client));
    co_return octets;
}

}  // namespace proxy
