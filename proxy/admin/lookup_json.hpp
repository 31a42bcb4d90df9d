// /v1/lookup: the way of one get through the index, as JSON. The names are an interface: they are
// added to, never changed.

#pragma once

#include "cache/policy/cache_key.hpp"
#include "dht/core/node.hpp"
#include "dht/core/node_id.hpp"
#include "proxy/core/target.hpp"
#include "proxy/net/plain_session.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace proxy {

// What a cache calls the object that a client gets who asks this peer for the URL; nothing if it is
// no http or https URL, or one that this peer would refuse.
std::optional<cache::cache_key> key_of_url(std::string_view url, const target_rules& rules);

// url: "" where a key was asked for.
std::string lookup_json(
    std::string_view url, const dht::node_id& key, const dht::get_result& result);

// {"error": why}
plain_response json_error(unsigned status, std::string_view why);

}  // namespace proxy
