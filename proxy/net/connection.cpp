#include "proxy/net/connection.hpp"

#include "proxy/net/tls.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <openssl/bio.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <cerrno>
#include <tuple>
#include <utility>

namespace proxy {

namespace asio = boost::asio;

namespace {

constexpr auto use_tuple = asio::as_tuple(asio::use_awaitable);

}  // namespace

connection::connection(asio::ip::tcp::socket connected) : tcp_(std::move(connected))
{
    boost::system::error_code ignored;  // only latency suffers
    tcp_.socket().set_option(asio::ip::tcp::no_delay(true), ignored);
}

asio::awaitable<boost::system::error_code> connection::handshake(
    asio::ssl::context& context, std::string host, clock::time_point deadline)
{
    tls_.emplace(tcp_, context);
    if (const auto failure = expect_server(tls_->native_handle(), host)) {
        co_return failure;
    }
    tcp_.expires_at(deadline);
    const auto [ec] = co_await tls_->async_handshake(asio::ssl::stream_base::client, use_tuple);
    co_return ec;
}

bool connection::certificate_refused()
{
    return tls_ && SSL_get_verify_result(tls_->native_handle()) != X509_V_OK;
}

asio::awaitable<boost::system::result<std::size_t>> connection::read_some(
    asio::mutable_buffer into, clock::time_point deadline)
{
    tcp_.expires_at(deadline);
    std::tuple<boost::system::error_code, std::size_t> read;
    if (tls_) {
        read = co_await tls_->async_read_some(into, use_tuple);
    } else {
        read = co_await tcp_.async_read_some(into, use_tuple);
    }
    const auto [ec, octets] = read;
    if (ec) {
        co_return ec;
    }
    plain_received_ += octets;
    co_return octets;
}

asio::awaitable<boost::system::error_code> connection::write(
    std::span<const asio::const_buffer> pieces, clock::time_point deadline)
{
    tcp_.expires_at(deadline);
    std::tuple<boost::system::error_code, std::size_t> written;
    if (tls_) {
        written = co_await asio::async_write(*tls_, pieces, use_tuple);
    } else {
        written = co_await asio::async_write(tcp_, pieces, use_tuple);
    }
    const auto [ec, octets] = written;
    plain_sent_ += octets;
    co_return ec;
}

bool connection::quiet()
{
    if (tls_) {
        // Records that OpenSSL or the pair of buffers before it holds already.
        SSL* ssl = tls_->native_handle();
        if (SSL_has_pending(ssl) != 0 || BIO_pending(SSL_get_rbio(ssl)) > 0) {
            return false;
        }
    }
    char octet = 0;
    const auto peeked =
        ::recv(tcp_.socket().native_handle(), &octet, sizeof octet, MSG_PEEK | MSG_DONTWAIT);
    return peeked < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

std::uint64_t connection::octets_received()
{
    return tls_ ? BIO_number_read(SSL_get_rbio(tls_->native_handle())) : plain_received_;
}

std::uint64_t connection::octets_sent()
{
    return tls_ ? BIO_number_written(SSL_get_wbio(tls_->native_handle())) : plain_sent_;
}

}  // namespace proxy
