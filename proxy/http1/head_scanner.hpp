// Finds where a head ends, in a buffer that grows, without looking at any octet twice.

#pragma once

#include "proxy/http1/errc.hpp"

#include <cstddef>
#include <string_view>

namespace proxy::http1 {

// Limits of one head; cost is linear in the octets whatever they are.
struct head_limits
{
    std::size_t start_line_octets = 16 * 1024;  // RFC 9112, section 3, recommends at least 8000
    std::size_t section_octets = 64 * 1024;     // start line and the empty line at the end included
    std::size_t fields = 128;
};

// The buffer given to each function starts at the first octet of the head and only grows from call
// to call. What is returned depends on the octets alone and not on how they were cut into calls: an
// error is that of the shortest prefix that has one.
class head_scanner
{
public:
    explicit head_scanner(const head_limits& limits);

    // Octets of the start line with its CRLF; 0 if more are needed. errc::target_too_long over the
    // limit, errc::malformed_start_line if it ends in a bare LF (RFC 9112, section 2.2 allows to
    // accept that; then two recipients see two different heads).
    result<std::size_t> find_start_line(std::string_view buffered);

    // Octets of the head with the empty line at its end; 0 if more are needed. The start line must
    // have been found. errc::fields_too_large, errc::too_many_fields, or errc::malformed_field_line
    // for a bare LF.
    result<std::size_t> find_end(std::string_view buffered);

    // For the next head.
    void reset();

private:
    head_limits limits_;
    std::size_t start_line_ = 0;  // octets of the start line; 0: not found
    std::size_t line_ = 0;        // where the line begins that is being looked for
    std::size_t scanned_ = 0;     // octets that were looked at
    std::size_t fields_ = 0;
};

}  // namespace proxy::http1
