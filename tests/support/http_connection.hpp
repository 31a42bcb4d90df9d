#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/system/result.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace support {

// Written as it stands, field by field: the test decides what goes over the wire.
struct http_request
{
    std::string method = "GET";
    std::string target;
    std::vector<std::pair<std::string, std::string>> fields;
    std::string body;  // a Content-Length is the caller's business

    std::string text() const;
};

// The same page by each of the ways in. `origin` is host:port of an IPv4 address.
http_request forward_request(std::string_view origin, std::string_view path);
http_request coralized_request(std::string_view origin,
    std::string_view path,
    const boost::asio::ip::tcp::endpoint& peer,
    std::string_view suffix = "atoll.localhost");

struct http_response
{
    unsigned status = 0;
    std::vector<std::pair<std::string, std::string>> fields;
    std::string body;  // empty when a consumer took it
    std::uint64_t head_octets = 0;
    std::uint64_t body_octets = 0;
    std::vector<unsigned> interim;  // status codes of 1xx responses before it

    // All lines of that name joined by ", "; letter case of the name does not matter.
    std::string field(std::string_view name) const;
};

// The other side closed the connection before the first octet of an answer. On a connection that
// was used before, a request for a page may then be repeated (RFC 9112, section 9.3.1).
bool failed_before_answer(boost::system::error_code ec);

// One client connection with keep-alive. Beast reads the heads; bodies are framed here, so that a
// body that ends early is an error (beast::http::error::partial_message) and never a short answer.
class http_connection
{
public:
    using endpoint = boost::asio::ip::tcp::endpoint;

    explicit http_connection(boost::asio::any_io_executor executor) : stream_(std::move(executor))
    {
    }

    boost::asio::awaitable<boost::system::error_code> connect(endpoint peer);
    boost::asio::awaitable<boost::system::error_code> send(std::string text);

    boost::asio::awaitable<boost::system::result<http_response>> receive(bool to_head_request);

    // What follows must be over by then; without a call there is no limit.
    void expires_after(std::chrono::milliseconds patience) { stream_.expires_after(patience); }

    // Pieces of the bodies to come go there instead of into http_response::body.
    void consume_body_with(std::function<void(std::string_view)> consumer);

    bool reusable() const { return reusable_; }
    void close();

private:
    enum class framing
    {
        nothing,
        length,
        chunks,
        until_close,
    };

    boost::asio::awaitable<boost::system::error_code> read_head(http_response& response);
    boost::asio::awaitable<boost::system::error_code> read_some();
    boost::asio::awaitable<boost::system::error_code> read_octets(
        http_response& response, std::uint64_t octets);
    boost::asio::awaitable<boost::system::error_code> read_chunks(http_response& response);
    boost::asio::awaitable<boost::system::error_code> read_until_close(http_response& response);
    boost::asio::awaitable<boost::system::result<std::string>> read_line();
    void take_body(http_response& response, std::uint64_t octets);

    boost::beast::tcp_stream stream_;
    boost::beast::flat_buffer buffer_;
    std::function<void(std::string_view)> consumer_;
    framing framing_ = framing::nothing;
    std::uint64_t content_length_ = 0;
    bool reusable_ = false;
};

}  // namespace support
