// A stored response found for a request, in memory or on disk.

#pragma once

#include "cache/policy/cache_key.hpp"
#include "cache/policy/freshness.hpp"
#include "cache/store/memory_tier.hpp"
#include "cache/store/store.hpp"
#include "proxy/net/coroutine.hpp"
#include "proxy/net/flight.hpp"

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace proxy {

struct services;
struct worker;

// A value. Exactly one of the two is there: `object` if the body is in memory, else `id` names it
// on disk.
struct stored_copy
{
    std::shared_ptr<const cache::memory_object> object;
    cache::object_id id = 0;
    cache::stored_response response;  // of a copy on disk
    cache::freshness fresh;

    const cache::stored_response& head() const { return object ? object->response : response; }
};

struct stored_lookup
{
    std::optional<stored_copy> selected;  // by the request; fresh or not
    bool other_variants = false;          // stored under the key, but for other requests
};

// An object for the memory tier with its head written.
std::shared_ptr<const cache::memory_object> make_memory_object(cache::stored_response response,
    std::shared_ptr<const cache::memory_body> body,
    cache::object_id id,
    std::string_view pseudonym);

// Looks in memory, then on disk.
awaitable<stored_lookup> find_stored(
    services& shared, cache::cache_key key, cache::field_section request);

// Looks on disk. A small body is loaded and put into the memory tier on the way.
awaitable<stored_lookup> find_on_disk(
    services& shared, cache::cache_key key, cache::field_section request);

// Keeps a small response of which all is here: in memory at once, on disk soon.
void keep_whole(services& shared,
    worker& here,
    const cache::cache_key& key,
    cache::stored_response response,
    std::vector<chunk> body);

// The stored response was validated, with new metadata: both tiers are brought up to date.
awaitable<void> refresh_stored(
    services& shared, cache::cache_key key, stored_copy before, cache::stored_response updated);

}  // namespace proxy
