// Writes a flight's body to the store while it arrives.

#pragma once

#include "cache/policy/cache_key.hpp"
#include "cache/policy/stored_response.hpp"
#include "proxy/net/coroutine.hpp"
#include "proxy/net/flight.hpp"
#include "proxy/net/storage_pool.hpp"

#include <functional>
#include <memory>

namespace proxy {

// Follows the flight to its end and commits what was complete. Whatever fails, the flight goes on:
// readers then get every octet from memory. Returns the object's id if it was committed.
awaitable<std::optional<cache::object_id>> write_to_store(storage_pool& storage,
    std::shared_ptr<flight> from,
    cache::cache_key key,
    cache::stored_response response);

}  // namespace proxy
