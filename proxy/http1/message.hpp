// Heads of HTTP/1.1 messages after they were understood. Bodies pass beside them.

#pragma once

#include "cache/policy/field_section.hpp"

#include <boost/beast/http/verb.hpp>

#include <cstdint>
#include <string>

namespace proxy::http1 {

// How the end of the content is found (RFC 9112, section 6.3).
enum class body_framing : std::uint8_t
{
    none,            // no content at all
    content_length,  // a known number of octets
    chunked,
    until_close,  // responses only: ends when the connection does
};

// RFC 9112, section 3.2.
enum class target_form : std::uint8_t
{
    origin,     // "/path?query"
    absolute,   // "http://host/path"
    authority,  // "host:443", CONNECT only
    asterisk,   // "*", OPTIONS only
};

struct request_head
{
    std::string method;  // a token, in the case it came with
    boost::beast::http::verb verb = boost::beast::http::verb::unknown;
    std::string target;  // visible ASCII without '#'
    target_form form = target_form::origin;
    unsigned minor_version = 1;
    cache::field_section fields;  // as received: Host, framing and hop-by-hop fields included

    body_framing framing = body_framing::none;
    std::uint64_t content_length = 0;
    bool keep_alive = true;        // the client lets the connection go on (RFC 9112, section 9.3)
    bool expect_continue = false;  // Expect: 100-continue, and there is content
};

struct response_head
{
    unsigned status = 200;
    unsigned minor_version = 1;
    cache::field_section fields;  // as received

    body_framing framing = body_framing::none;
    std::uint64_t content_length = 0;  // valid if framing is content_length
    bool keep_alive = true;
};

}  // namespace proxy::http1
