#include "tests/support/http_connection.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>

#include <algorithm>
#include <charconv>

namespace support {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;
using boost::system::result;

namespace {

constexpr auto use_tuple = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t read_octets_at_once = 64 * 1'024;
constexpr std::size_t maximum_line_octets = 8 * 1'024;

std::string_view text_of(const boost::beast::flat_buffer& buffer)
{
    const auto data = buffer.data();
    return {static_cast<const char*>(data.data()), data.size()};
}

// However the connection ends inside an answer, by FIN or by reset: what came is a part of it.
error_code as_partial(error_code ec)
{
    const bool ended = ec == asio::error::eof || ec == asio::error::connection_reset;
    return ended ? make_error_code(http::error::partial_message) : ec;
}

bool has_no_content(unsigned status)
{
    return status < 200 || status == 204 || status == 304;
}

}  // namespace

std::string http_request::text() const
{
    std::string result = method + " " + target + " HTTP/1.1\r\n";
    for (const auto& [name, value] : fields) {
        result.append(name).append(": ").append(value).append("\r\n");
    }
    return result.append("\r\n").append(body);
}

http_request forward_request(std::string_view origin, std::string_view path)
{
    http_request request;
    request.target.append("http://").append(origin).append(path);
    request.fields.emplace_back("Host", origin);
    return request;
}

http_request coralized_request(std::string_view origin,
    std::string_view path,
    const asio::ip::tcp::endpoint& peer,
    std::string_view suffix)
{
    std::string host(origin);
    std::replace(host.begin(), host.end(), ':', '.');
    host.append(".").append(suffix).append(":").append(std::to_string(peer.port()));
    http_request request;
    request.target = path;
    request.fields.emplace_back("Host", host);
    return request;
}

std::string http_response::field(std::string_view name) const
{
    std::string result;
    for (const auto& [other, value] : fields) {
        if (boost::beast::iequals(other, name)) {
            result.append(result.empty() ? "" : ", ").append(value);
        }
    }
    return result;
}

bool failed_before_answer(error_code ec)
{
    return ec == http::error::end_of_stream || ec == asio::error::connection_reset ||
           ec == asio::error::broken_pipe;
}

asio::awaitable<error_code> http_connection::connect(endpoint peer)
{
    const auto [ec] = co_await stream_.async_connect(peer, use_tuple);
    if (!ec) {
        stream_.socket().set_option(asio::ip::tcp::no_delay(true));
    }
    co_return ec;
}

asio::awaitable<error_code> http_connection::send(std::string text)
{
    const auto [ec, written] = co_await asio::async_write(stream_, asio::buffer(text), use_tuple);
    co_return ec;
}

asio::awaitable<result<http_response>> http_connection::receive(bool to_head_request)
{
    reusable_ = false;
    http_response response;
    while (response.status < 200) {
        if (response.status != 0) {
            response.interim.push_back(response.status);
        }
        if (const error_code ec = co_await read_head(response)) {
            co_return ec;
        }
    }
    if (to_head_request || has_no_content(response.status)) {
        co_return response;
    }
    error_code ec;
    if (framing_ == framing::length) {
        ec = co_await read_octets(response, content_length_);
    } else if (framing_ == framing::chunks) {
        ec = co_await read_chunks(response);
    } else {
        ec = co_await read_until_close(response);
    }
    if (ec) {
        reusable_ = false;
        co_return ec;
    }
    co_return response;
}

asio::awaitable<error_code> http_connection::read_head(http_response& response)
{
    http::response_parser<http::empty_body> parser;
    parser.body_limit(boost::none);
    const auto [ec, octets] = co_await http::async_read_header(stream_, buffer_, parser, use_tuple);
    if (ec) {
        co_return parser.got_some() ? as_partial(ec) : ec;
    }
    const auto& head = parser.get();
    response.status = head.result_int();
    response.head_octets += octets;
    response.fields.clear();
    for (const auto& field : head) {
        const auto name = field.name_string();
        const auto value = field.value();
        response.fields.emplace_back(std::string(name), std::string(value));
    }
    reusable_ = parser.keep_alive();
    content_length_ = parser.content_length().value_or(0);
    framing_ = parser.chunked()          ? framing::chunks
               : parser.content_length() ? framing::length
                                         : framing::until_close;
    co_return error_code();
}

asio::awaitable<error_code> http_connection::read_some()
{
    const auto [ec, octets] =
        co_await stream_.async_read_some(buffer_.prepare(read_octets_at_once), use_tuple);
    buffer_.commit(octets);
    co_return ec;
}

void http_connection::take_body(http_response& response, std::uint64_t octets)
{
    const std::string_view piece = text_of(buffer_).substr(0, octets);
    if (consumer_) {
        consumer_(piece);
    } else {
        response.body += piece;
    }
    response.body_octets += piece.size();
    buffer_.consume(piece.size());
}

asio::awaitable<error_code> http_connection::read_octets(
    http_response& response, std::uint64_t octets)
{
    while (octets > 0) {
        if (buffer_.size() == 0) {
            const error_code ec = co_await read_some();
            if (ec) {
                co_return as_partial(ec);
            }
        }
        const std::uint64_t piece = std::min<std::uint64_t>(octets, buffer_.size());
        take_body(response, piece);
        octets -= piece;
    }
    co_return error_code();
}

asio::awaitable<result<std::string>> http_connection::read_line()
{
    while (true) {
        const std::size_t end = text_of(buffer_).find("\r\n");
        if (end != std::string_view::npos) {
            std::string line(text_of(buffer_).substr(0, end));
            buffer_.consume(end + 2);
            co_return line;
        }
        if (buffer_.size() > maximum_line_octets) {
            co_return make_error_code(http::error::bad_chunk);
        }
        if (const error_code ec = co_await read_some()) {
            co_return as_partial(ec);
        }
    }
}

asio::awaitable<error_code> http_connection::read_chunks(http_response& response)
{
    while (true) {
        const result<std::string> line = co_await read_line();
        if (!line) {
            co_return line.error();
        }
        std::uint64_t octets = 0;
        const char* const end = line->data() + line->size();
        const auto [rest, ec] = std::from_chars(line->data(), end, octets, 16);
        if (ec != std::errc() || (rest != end && *rest != ';')) {
            co_return make_error_code(http::error::bad_chunk);
        }
        if (octets == 0) {
            break;
        }
        if (const error_code failure = co_await read_octets(response, octets)) {
            co_return failure;
        }
        const result<std::string> after = co_await read_line();
        if (!after || !after->empty()) {
            co_return after ? make_error_code(http::error::bad_chunk) : after.error();
        }
    }
    while (true) {  // the trailer section
        const result<std::string> line = co_await read_line();
        if (!line || line->empty()) {
            co_return line ? error_code() : line.error();
        }
    }
}

asio::awaitable<error_code> http_connection::read_until_close(http_response& response)
{
    error_code ec;
    while (!ec) {
        take_body(response, buffer_.size());
        ec = co_await read_some();
    }
    co_return ec == asio::error::eof ? error_code() : ec;
}

void http_connection::consume_body_with(std::function<void(std::string_view)> consumer)
{
    consumer_ = std::move(consumer);
}

void http_connection::close()
{
    reusable_ = false;
    buffer_.clear();
    stream_.close();
}

}  // namespace support
