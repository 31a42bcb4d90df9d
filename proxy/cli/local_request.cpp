#include "proxy/cli/local_request.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/verb.hpp>

#include <array>
#include <optional>

namespace proxy {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using boost::system::result;

constexpr std::size_t read_octets = 64 * 1024;

class local_error_category : public boost::system::error_category
{
public:
    const char* name() const noexcept override { return "atoll.local"; }
    std::string message(int value) const override
    {
        switch (static_cast<local_errc>(value)) {
        case local_errc::unreachable: return "no peer answers there";
        case local_errc::timed_out: return "nothing came in time";
        case local_errc::connection_lost: return "the connection ended before the response";
        case local_errc::not_understood: return "the answer is not HTTP/1.1";
        case local_errc::incomplete_body: return "the connection ended inside the body";
        }
        return "unknown error";
    }
};

asio::ip::tcp::endpoint dialled(const host_port& server)
{
    asio::ip::address address = server.address;
    if (address.is_unspecified()) {
        address = address.is_v4() ? asio::ip::address{asio::ip::address_v4::loopback()}
                                  : asio::ip::address{asio::ip::address_v6::loopback()};
    }
    return {address, server.port};
}

}  // namespace

const boost::system::error_category& local_category()
{
    static const local_error_category category;
    return category;
}

error_code make_error_code(local_errc code)
{
    return {static_cast<int>(code), local_category()};
}

local_request::local_request(std::chrono::milliseconds idle_deadline)
    : idle_deadline_{idle_deadline}
{
}

// Runs one operation of the socket; ends it where it outlasts the deadline.
template <class Start>
error_code local_request::wait(Start start)
{
    std::optional<error_code> outcome;
    start([&outcome](const error_code& error, auto...) { outcome = error; });
    context_.restart();
    context_.run_for(idle_deadline_);
    if (!outcome) {
        error_code
            ignored;  // closing is what ends the operation; it cannot fail in a way that matters
        socket_.close(ignored);
        context_.restart();
        context_.run();
        return local_errc::timed_out;
    }
    return *outcome;
}

result<void> local_request::send(const host_port& server, std::string_view head)
{
    const error_code connected =
        wait([&](auto done) { socket_.async_connect(dialled(server), std::move(done)); });
    if (connected) {
        return connected == local_errc::timed_out ? connected
                                                  : make_error_code(local_errc::unreachable);
    }
    const error_code written =
        wait([&](auto done) { asio::async_write(socket_, asio::buffer(head), std::move(done)); });
    if (written) {
        return written == local_errc::timed_out ? written
                                                : make_error_code(local_errc::connection_lost);
    }
    return {};
}

// Appends to buffer_; 0 where the server has ended the connection in an orderly way.
result<std::size_t> local_request::read_some()
{
    buffer_.erase(0, consumed_);
    consumed_ = 0;
    const std::size_t before = buffer_.size();
    buffer_.resize(before + read_octets);
    std::size_t received = 0;
    const error_code error = wait([&](auto done) {
        socket_.async_read_some(asio::buffer(buffer_.data() + before, read_octets),
            [&received, done](const error_code& ended, std::size_t octets) mutable {
                received = octets;
                done(ended);
            });
    });
    buffer_.resize(before + received);
    if (error && error != asio::error::eof) {
        return error;
    }
    ended_ = error == asio::error::eof;
    return received;
}

result<http1::response_head> local_request::read_head()
{
    http1::response_parser parser;
    http1::response_head head;
    while (true) {
        const auto octets = parser.parse(
            std::string_view{buffer_}.substr(consumed_), boost::beast::http::verb::get, head);
        if (!octets) {
            return make_error_code(local_errc::not_understood);
        }
        consumed_ += *octets;
        if (*octets != 0 && head.status >= 200) {
            body_ = http1::body_decoder{head.framing, head.content_length};
            return head;
        }
        if (*octets != 0) {
            parser = http1::response_parser{};
            continue;
        }
        const result<std::size_t> received = read_some();
        if (!received) {
            return received.error() == local_errc::timed_out
                       ? received.error()
                       : make_error_code(local_errc::connection_lost);
        }
        if (*received == 0) {
            return make_error_code(local_errc::connection_lost);
        }
    }
}

result<std::string_view> local_request::read_content()
{
    while (!body_.finished()) {
        const auto step = body_.decode(std::string_view{buffer_}.substr(consumed_));
        if (!step) {
            return make_error_code(local_errc::incomplete_body);
        }
        consumed_ += step->consumed;
        if (!step->content.empty()) {
            return step->content;
        }
        if (step->consumed != 0) {
            continue;
        }
        if (ended_) {
            if (!body_.end_of_stream()) {
                return make_error_code(local_errc::incomplete_body);
            }
            break;
        }
        const result<std::size_t> received = read_some();
        if (!received) {
            return received.error() == local_errc::timed_out
                       ? received.error()
                       : make_error_code(local_errc::incomplete_body);
        }
    }
    return std::string_view{};
}

}  // namespace proxy
