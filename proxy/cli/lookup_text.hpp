// The JSON of /v1/lookup as a table.

#pragma once

#include <boost/system/result.hpp>

#include <string>
#include <string_view>

namespace proxy {

// Not the JSON of a lookup: an error.
boost::system::result<std::string> lookup_text(std::string_view json_text);

}  // namespace proxy
