// Looks at the components, for the admin port's pages and for the log.

#pragma once

#include "cache/store/memory_tier.hpp"
#include "dht/net/udp_transport.hpp"
#include "proxy/admin/node_report.hpp"
#include "proxy/net/storage_pool.hpp"

#include <optional>
#include <string>

namespace proxy {

// state: whether the store has been opened.
store_report look_at(const storage_pool& storage, store_state state, std::uint64_t limit_octets);
memory_report look_at(const cache::memory_tier& memory);
index_report look_at(const dht::udp_transport& transport);

// Once, at the start: what is to be said of a receive buffer far smaller than wanted. A default
// Debian allows a fifth of what a burst of queries needs.
std::optional<std::string> complaint_of_buffer(const dht::udp_transport& transport);

}  // namespace proxy
