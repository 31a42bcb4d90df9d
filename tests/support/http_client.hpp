#pragma once

#include "tests/support/http_connection.hpp"

#include <boost/asio/io_context.hpp>

#include <memory>

namespace support {

// A blocking client of one server: keeps its connection as long as the server does, opens another
// when it must. Every call is over after `patience`.
class http_client
{
public:
    using result = boost::system::result<http_response>;

    explicit http_client(boost::asio::ip::tcp::endpoint server,
        std::chrono::milliseconds patience = std::chrono::seconds(20))
        : server_(server), patience_(patience)
    {
    }

    result exchange(const http_request& request);

    // All requests in one write; the answers in order, up to the first that fails.
    std::vector<result> pipeline(const std::vector<http_request>& requests);

    // For bodies that are too large to keep.
    void consume_body_with(std::function<void(std::string_view)> consumer);

private:
    boost::asio::awaitable<void> converse(
        std::vector<http_request> requests, std::vector<result>& responses);

    boost::asio::io_context context_;
    boost::asio::ip::tcp::endpoint server_;
    std::chrono::milliseconds patience_;
    std::function<void(std::string_view)> consumer_;
    std::unique_ptr<http_connection> connection_;
};

}  // namespace support
