// What goes out for a fetch_order.

#pragma once

#include "cache/policy/field_section.hpp"
#include "proxy/net/fetch.hpp"

#include <string>
#include <string_view>

namespace proxy {

// The fields that the answer depends on: the client's own, or nothing of one client.
cache::field_section sent_fields(const fetch_order& order, bool canonical);

// Conditional where a stored response is to be validated.
std::string request_to_origin(const fetch_order& order, bool canonical, std::string_view pseudonym);

std::string request_to_peer(const fetch_order& order, std::string_view pseudonym);

}  // namespace proxy
