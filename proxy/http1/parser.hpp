// The strict HTTP/1.1 gate, the same for clients, origins and peers (RFC 9112). What the grammar
// does not allow is refused and never repaired. Sans-I/O: bytes in, messages out.

#pragma once

#include "proxy/http1/errc.hpp"
#include "proxy/http1/head_scanner.hpp"
#include "proxy/http1/message.hpp"

#include <cstddef>
#include <string_view>

namespace proxy::http1 {

// Parses one request head after another from a buffer that the caller owns and fills.
class request_parser
{
public:
    explicit request_parser(const head_limits& limits = {});

    // buffered starts at the first octet of the head and only grows from call to call. Returns the
    // octets that the head takes, or 0 if more are needed; head is overwritten and means nothing
    // before. One empty line before the request line is allowed (section 2.2) and counted. After a
    // head the parser is ready for the next. An error is final: answer status_for(error) and close.
    result<std::size_t> parse(std::string_view buffered, request_head& head);

private:
    head_scanner scanner_;
    bool start_line_checked_ = false;  // in an earlier call
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
    head_scanner scanner_;
    bool start_line_checked_ = false;
};

}  // namespace proxy::http1
