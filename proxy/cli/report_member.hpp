// Reads what the admin port reports, as far as it is understood: a peer that is older or newer has
// other members, and what is missing is shown as such.

#pragma once

#include <boost/json/value.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace proxy {

// The value at a path such as "/store/bytes"; a null value where there is none.
const boost::json::value& member(const boost::json::value& report, std::string_view path);

std::uint64_t count(const boost::json::value& report, std::string_view path);  // 0 if there is none
std::string text(const boost::json::value& report, std::string_view path);     // "-"
bool is_true(const boost::json::value& report, std::string_view path);         // false

// "1 object", "2 objects".
std::string counted(std::uint64_t number, std::string_view thing);

}  // namespace proxy
