// The HTTP client for origins and peers, of one worker.

#pragma once

#include "proxy/http1/message.hpp"
#include "proxy/net/upstream_errc.hpp"
#include "proxy/net/upstream_settings.hpp"
#include "proxy/net/upstream_target.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/http/verb.hpp>
#include <boost/system/result.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace proxy {

class connection_pool;
class dialer;

// One connection for one exchange: send the request, read heads until a final one, read the content
// until it is finished, finish(). Destroyed before that it closes the connection, at any point and
// also while an operation waits. After an error of a read nothing but destruction makes sense.
// Errors are upstream_errc. Used on the worker's thread; one send and one read may be under way at
// a time.
class upstream_connection
{
public:
    upstream_connection(upstream_connection&&) noexcept;
    upstream_connection& operator=(upstream_connection&&) noexcept;
    upstream_connection(const upstream_connection&) = delete;
    upstream_connection& operator=(const upstream_connection&) = delete;
    ~upstream_connection();

    // It has served an exchange before. If it fails with closed_before_response, an idempotent
    // request may be sent again on a fresh one (RFC 9112, section 9.3.1).
    bool reused() const;

    // Sends a head or a framed piece of a body, all of it, within limits::upstream_write_stall.
    // Where that fails an answer that is already here can still be read, and it may say why.
    boost::asio::awaitable<boost::system::error_code> send(std::string_view octets);
    boost::asio::awaitable<boost::system::error_code> send_gather(
        std::span<const boost::asio::const_buffer> pieces);

    // One head. An interim one (1xx) is followed by others: call again; more than
    // limits::interim_responses are an error. The deadline is for the whole head.
    boost::asio::awaitable<boost::system::result<http1::response_head>> read_head(
        boost::beast::http::verb request_verb, std::chrono::milliseconds first_byte_deadline);

    // Some content of the response, without its framing; 0 when it is finished. A body that is cut
    // short is closed_early, never finished: with TLS also one that ends without close_notify.
    boost::asio::awaitable<boost::system::result<std::size_t>> read_content(
        boost::asio::mutable_buffer into, std::chrono::milliseconds idle_deadline);

    // Of this exchange, on the wire: heads, framing and TLS included.
    std::uint64_t wire_octets_received() const;
    std::uint64_t wire_octets_sent() const;

    // The request was sent whole and read_content has returned 0: gives the connection back for
    // reuse if the server lets it go on and sent nothing after the content, closes it else.
    void finish();

private:
    friend class upstream;
    struct exchange;

    explicit upstream_connection(std::unique_ptr<exchange> leased);

    std::unique_ptr<exchange> exchange_;
};

struct upstream_statistics
{
    std::uint64_t opened = 0;           // connections, tunnels included
    std::uint64_t reused = 0;           // exchanges on a connection that had served one
    std::uint64_t failed = 0;           // attempts to get a connection, refusals included
    std::uint64_t egress_refusals = 0;  // targets that the gate did not allow
    std::size_t idle = 0;               // connections now waiting for reuse
};

class upstream
{
public:
    upstream(boost::asio::any_io_executor executor, upstream_settings settings);

    // Connections still leased stay usable and are closed when they are given back. Coroutines in
    // acquire or connect_tunnel must have ended.
    ~upstream();

    upstream(const upstream&) = delete;
    upstream& operator=(const upstream&) = delete;

    // An idle connection to the target if there is one and allow_reuse, else a new one.
    boost::asio::awaitable<boost::system::result<upstream_connection>> acquire(
        upstream_target target, bool allow_reuse);

    // For CONNECT: a bare connection through the same gate as one to an origin.
    boost::asio::awaitable<boost::system::result<boost::asio::ip::tcp::socket>> connect_tunnel(
        std::string host, std::uint16_t port);

    // Exceptions of the egress gate, from the next connection on. Idle connections are closed, and
    // those in use behind their exchange: they were judged by the rules before.
    void allow_targets(std::vector<address_block> allowed);

    upstream_statistics statistics() const;

private:
    boost::asio::any_io_executor executor_;
    limits limit_;
    std::unique_ptr<dialer> dialer_;
    std::shared_ptr<connection_pool> pool_;  // shared with leases, which may outlive us
    upstream_statistics statistics_;
};

}  // namespace proxy
