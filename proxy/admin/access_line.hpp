// A request as one line of the access log. Pure; whatever a client sent, the line is one line of
// printable ASCII, and a reader of its format gets back what was sent.

#pragma once

#include "proxy/config.hpp"
#include "proxy/net/access.hpp"

#include <string>

namespace proxy {

// Octets of a field beyond this are cut, and "..." stands in their place: a line has a bound.
inline constexpr std::size_t longest_logged_field = 4096;

// Appends the line with its line feed.
//
// common: the Common Log Format of the NCSA server, host ident user [time] "request" status octets.
// Quotes and backslashes are escaped by a backslash, everything that is not printable ASCII as
// \xHH, as Apache does. Times are UTC.
//
// json: one object, RFC 3339 time with milliseconds. Octets that are not ASCII are written as the
// code points U+0080 to U+00FF, so that the line is valid JSON whatever their encoding.
void append_access_line(std::string& out, const log_record& record, log_format format);

}  // namespace proxy
