// Dates in fields (RFC 9110, section 5.6.7).

#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace cache {

// Wall-clock time with milliseconds. Policy functions take it as an argument and never read a
// clock.
using wall_time = std::chrono::sys_time<std::chrono::milliseconds>;

// Reads the three formats a recipient must accept: IMF-fixdate, RFC 850 and asctime. Names of days,
// months and GMT are compared without regard to case, everything else is exact. Whether the day of
// the week fits the date is not checked: some servers get it wrong and nothing depends on it.
//
// now settles the century of an RFC 850 date: what would lie more than 50 years ahead lies in the
// past.
std::optional<std::chrono::sys_seconds> parse_http_date(std::string_view text, wall_time now);

// IMF-fixdate, e.g. "Sun, 06 Nov 1994 08:49:37 GMT". The year must be one of 0 to 9999.
std::string format_http_date(std::chrono::sys_seconds time);

}  // namespace cache
