// Reads one request head after another from a connection.

#pragma once

#include "proxy/config.hpp"
#include "proxy/http1/parser.hpp"
#include "proxy/net/client_stream.hpp"
#include "proxy/net/coroutine.hpp"
#include "proxy/net/delivery.hpp"

namespace proxy {

class request_reader
{
public:
    request_reader(client_stream& stream, delivery& answers, const limits& limit)
        : stream_{stream}, answers_{answers}, limit_{limit}
    {
    }

    // The next head; the content is left in the stream. Before it waits, it writes the answers that
    // are queued. Errors are those of http1::errc, for which the client is told a status, and those
    // of the connection.
    awaitable<error_code> next(http1::request_head& head);

private:
    client_stream& stream_;
    delivery& answers_;
    const limits& limit_;
    http1::request_parser parser_;
};

}  // namespace proxy
