// The first line of a message (RFC 9112, sections 2.3, 3 and 4), without its CRLF.

#pragma once

#include "proxy/http1/errc.hpp"

#include <string_view>

namespace proxy::http1 {

struct request_line_view
{
    std::string_view method;  // a token
    std::string_view target;  // not checked yet: see request_target.hpp
    unsigned minor_version = 1;
};

struct status_line_view
{
    unsigned status = 0;  // 100 to 999
    unsigned minor_version = 1;
};

// Single spaces between the parts, and the version in upper case. A minor version over 1 is read as
// HTTP/1.1, the highest that we conform to (RFC 9110, section 2.5); another major version is
// errc::unsupported_version.
result<request_line_view> parse_request_line(std::string_view line);

// The reason is checked and dropped (RFC 9112, section 4: it means nothing). The space before an
// empty reason may be missing: many origins forget it and nothing else can be meant. 101 is
// errc::unexpected_upgrade.
result<status_line_view> parse_status_line(std::string_view line);

}  // namespace proxy::http1
