// Writes a flight's body to the store while it arrives.

#pragma once

#include "cache/policy/cache_key.hpp"
#include "cache/policy/stored_response.hpp"
#include "proxy/net/coroutine.hpp"
#include "proxy/net/flight.hpp"
#include "proxy/net/storage_pool.hpp"
#include "proxy/net/task_set.hpp"

#include <memory>
#include <optional>

namespace proxy {

// Follows the flight to its end and commits what was complete. Whatever fails, the flight goes on:
// readers then get what comes from memory, and what the store has of the beginning stays there, by
// a task, until those who were behind have read it. Returns the object's id if it was committed.
awaitable<std::optional<cache::object_id>> write_to_store(storage_pool& storage,
    task_set& tasks,
    std::shared_ptr<flight> from,
    cache::cache_key key,
    cache::stored_response response);

}  // namespace proxy
