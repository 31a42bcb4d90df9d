// Ways to cut a message into reads. A parser must not see any difference between them.

#pragma once

#include "proxy/http1/body_decoder.hpp"
#include "proxy/http1/parser.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace proxy::http1 {

// Everything in one read.
inline result<std::size_t> parse_at_once(std::string_view octets, request_head& head)
{
    request_parser parser;
    return parser.parse(octets, head);
}

// The first `first_read` octets, then all of them. The first read lies elsewhere in memory, as the
// start of a buffer that has grown does.
inline result<std::size_t> parse_in_two(
    std::string_view octets, std::size_t first_read, request_head& head)
{
    request_parser parser;
    const std::string first{octets.substr(0, first_read)};
    const result<std::size_t> early = parser.parse(first, head);
    if (!early || *early != 0) {
        return early;
    }
    return parser.parse(octets, head);
}

inline result<std::size_t> parse_octet_by_octet(
    std::string_view octets, request_head& head, const head_limits& limits = {})
{
    request_parser parser{limits};
    for (std::size_t end = 1; end <= octets.size(); ++end) {
        const result<std::size_t> taken = parser.parse(octets.substr(0, end), head);
        if (!taken || *taken != 0) {
            return taken;
        }
    }
    return std::size_t{0};
}

struct decoded_body
{
    std::string content;
    std::size_t consumed = 0;
    bool finished = false;
    boost::system::error_code error;

    friend bool operator==(const decoded_body&, const decoded_body&) = default;
};

// Reads of `read_octets` each; what a step leaves is given again with the next read.
inline decoded_body decode_in_reads(
    body_decoder decoder, std::string_view octets, std::size_t read_octets)
{
    decoded_body body;
    std::size_t received = 0;
    while (!decoder.finished()) {
        const std::string buffer{octets.substr(body.consumed, received - body.consumed)};
        const result<body_decoder::step> step = decoder.decode(buffer);
        if (!step) {
            body.error = step.error();
            body.consumed = 0;  // nobody goes on from there
            return body;
        }
        body.content += step->content;
        body.consumed += step->consumed;
        if (step->consumed == 0) {
            if (received == octets.size()) {
                break;
            }
            received = std::min(octets.size(), received + read_octets);
        }
    }
    body.finished = decoder.finished();
    return body;
}

}  // namespace proxy::http1
