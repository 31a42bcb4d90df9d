// One GET to a port of the peer on this machine, blocking. For commands, which have nothing else to
// do meanwhile.

#pragma once

#include "proxy/config.hpp"
#include "proxy/http1/body_decoder.hpp"
#include "proxy/http1/message.hpp"
#include "proxy/http1/parser.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace proxy {

enum class local_errc
{
    unreachable = 1,  // nothing listens there
    timed_out,        // not one octet within the deadline
    connection_lost,  // ended before the head of a response
    not_understood,   // what answers does not speak HTTP/1.1
    incomplete_body,  // ended, or lost its framing, inside the body
};

const boost::system::error_category& local_category();
boost::system::error_code make_error_code(local_errc code);

class local_request
{
public:
    // idle_deadline: how long each step may take in which nothing moves. There is none for the
    // whole: a slow origin is waited for as long as it delivers.
    explicit local_request(std::chrono::milliseconds idle_deadline);

    // An unspecified address is dialled as loopback. head is a whole request head of method GET.
    boost::system::result<void> send(const host_port& server, std::string_view head);

    // The final response; interim ones are passed over. Call once, after send.
    boost::system::result<http1::response_head> read_head();

    // The next part of the body, valid until the next call; empty at its end.
    boost::system::result<std::string_view> read_content();

private:
    template <class Start>
    boost::system::error_code wait(Start start);
    boost::system::result<std::size_t> read_some();

    std::chrono::milliseconds idle_deadline_;
    boost::asio::io_context context_{1};
    boost::asio::ip::tcp::socket socket_{context_};
    std::string buffer_;
    std::size_t consumed_ = 0;  // octets at the front of buffer_ that are done with
    http1::body_decoder body_;
    bool ended_ = false;  // by the server
};

}  // namespace proxy

template <>
struct boost::system::is_error_code_enum<proxy::local_errc> : std::true_type
{
};
