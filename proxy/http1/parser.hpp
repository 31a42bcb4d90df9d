// The strict HTTP/1.1 gate, the same for clients, origins and peers (RFC 9112). What the grammar
// does not allow is refused and never repaired. Sans-I/O: bytes in, messages out.

#pragma once

#include "proxy/http1/errc.hpp"
#include "proxy/http1/message.hpp"

#include <cstddef>
#include <string_view>

namespace proxy::http1 {

// Limits of one head; cost is linear in the octets whatever they are.
struct head_limits
{
    std::size_t start_line_octets = 16 * 1024;  // RFC 9112, section 3, recommends at least 8000
    std::size_t section_octets = 64 * 1024;     // start line included
    std::size_t fields = 128;
};

// Parses one request head after another from a buffer that the caller owns and fills.
class request_parser
{
public:
    explicit request_parser(const head_limits& limits = {});

    // buffered starts at the first octet of the head and only grows from call to call. Returns the
    // octets that the head takes, or 0 if more are needed. One empty line before the request line
    // is allowed (section 2.2). After a head the parser is ready for the next. An error is final:
    // answer status_for(error) and close.
    result<std::size_t> parse(std::string_view buffered, request_head& head);

private:
    head_limits limits_;
    std::size_t scanned_ = 0;  // octets in which no end of head was found
};

// The same for responses. Interim (1xx) responses are heads of their own with framing none; 101 is
// never accepted.
class response_parser
{
public:
    explicit response_parser(const head_limits& limits = {});

    // request_verb is the method of the request that this answers: it decides the framing
    // (section 6.3).
    result<std::size_t> parse(
        std::string_view buffered, boost::beast::http::verb request_verb, response_head& head);

private:
    head_limits limits_;
    std::size_t scanned_ = 0;
};

}  // namespace proxy::http1
