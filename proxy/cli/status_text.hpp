// What /v1/status says, as a table for people.

#pragma once

#include <boost/system/result.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace proxy {

// An error if the text is not the JSON of a status report.
boost::system::result<std::string> status_text(std::string_view json);

// "41.2 MiB"
std::string readable_octets(std::uint64_t octets);

}  // namespace proxy
