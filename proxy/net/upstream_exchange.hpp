// What an upstream_connection holds while its exchange lasts; private to proxy/net/upstream.

#pragma once

#include "proxy/config.hpp"
#include "proxy/http1/body_decoder.hpp"
#include "proxy/http1/parser.hpp"
#include "proxy/net/connection.hpp"
#include "proxy/net/connection_pool.hpp"
#include "proxy/net/upstream.hpp"

#include <boost/beast/core/flat_buffer.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

namespace proxy {

// The read buffer lives and dies with the exchange, so that idle connections hold none.
struct upstream_connection::exchange
{
    exchange(const limits& limit,
        std::shared_ptr<connection_pool> returns_to,
        upstream_target of,
        std::unique_ptr<connection> leased,
        bool was_idle);

    using read_result = boost::system::result<std::size_t>;

    boost::asio::awaitable<read_result> fill(connection::clock::time_point deadline);
    boost::asio::awaitable<read_result> read_directly(
        boost::asio::mutable_buffer into, connection::clock::time_point deadline);
    boost::system::error_code no_head(const boost::system::error_code& why) const;
    read_result end_of_body(const boost::system::error_code& why);
    boost::system::result<bool> take_head(boost::beast::http::verb request_verb);
    boost::system::result<bool> take_content();
    std::size_t deliver(boost::asio::mutable_buffer into);
    std::string_view buffered() const;
    bool reusable() const;

    std::chrono::milliseconds write_stall;
    std::size_t interim_left;
    std::shared_ptr<connection_pool> pool;
    upstream_target target;
    std::unique_ptr<connection> line;  // null once it was given back
    bool reused;
    std::uint64_t received_before;
    std::uint64_t sent_before;
    std::uint64_t received_at_end = 0;
    std::uint64_t sent_at_end = 0;

    http1::head_limits head_limit;
    http1::response_parser parser;
    http1::body_decoder decoder;
    http1::response_head head;         // the last one read
    boost::beast::flat_buffer buffer;  // received, and in no head or content yet
    std::string_view content;          // decoded and not delivered: into buffer's storage
    std::uint64_t direct_left = 0;     // content_length: octets that have not been decoded
    bool got_octet = false;            // of a response
    bool got_final_head = false;
    bool failed = false;   // nothing more can be read
    bool sending = false;  // a send is under way
    boost::system::error_code send_error;
};

}  // namespace proxy
