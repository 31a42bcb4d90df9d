// One connection to an origin or a peer: octets with deadlines, over TCP or over TLS on TCP.

#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/system/result.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace proxy {

// After any error, and after an operation was cancelled, the connection is good for nothing but to
// be destroyed, which closes it. One read and one write may be under way at a time.
//
// Errors are those of Asio and Beast: beast::error::timeout at the deadline, eof at an orderly end,
// ssl::error::stream_truncated where TLS ended without close_notify.
class connection
{
public:
    using clock = std::chrono::steady_clock;

    explicit connection(boost::asio::ip::tcp::socket connected);
    ~connection() = default;

    connection(const connection&) = delete;
    connection& operator=(const connection&) = delete;

    // Puts TLS on the connection and makes sure that the server is host. On failure
    // certificate_refused() says whether it was the certificate. The context must outlive us.
    boost::asio::awaitable<boost::system::error_code> handshake(
        boost::asio::ssl::context& context, std::string host, clock::time_point deadline);
    bool certificate_refused();

    boost::asio::awaitable<boost::system::result<std::size_t>> read_some(
        boost::asio::mutable_buffer into, clock::time_point deadline);

    // Writes everything. The pieces and what they name must stay until it completes.
    boost::asio::awaitable<boost::system::error_code> write(
        std::span<const boost::asio::const_buffer> pieces, clock::time_point deadline);

    // Whether the other side has neither closed nor sent anything that was not read. Never waits.
    bool quiet();

    // Of the TCP streams so far: with TLS, its handshake and records included.
    std::uint64_t octets_received();
    std::uint64_t octets_sent();

    boost::asio::ip::tcp::socket& socket() { return tcp_.socket(); }

private:
    using tls_stream = boost::asio::ssl::stream<boost::beast::tcp_stream&>;

    boost::beast::tcp_stream tcp_;
    std::optional<tls_stream> tls_;
    std::uint64_t plain_received_ = 0;
    std::uint64_t plain_sent_ = 0;
};

}  // namespace proxy
