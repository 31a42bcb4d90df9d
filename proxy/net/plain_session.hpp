// A connection on which each request is answered by one function: the admin port.

#pragma once

#include "proxy/config.hpp"
#include "proxy/http1/message.hpp"
#include "proxy/net/coroutine.hpp"
#include "proxy/net/deadline_list.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <functional>
#include <string>

namespace proxy {

struct plain_response
{
    unsigned status = 200;
    std::string content_type;
    std::string body;
    std::string extra_fields;  // complete lines with CRLF
};

// The request lives until its answer is there. Content of requests is not read: the connection is
// closed after the answer then.
awaitable<void> run_plain_session(asio::ip::tcp::socket socket,
    deadline_list& deadlines,
    const limits& limit,
    std::function<awaitable<plain_response>(const http1::request_head&)> answer);

}  // namespace proxy
