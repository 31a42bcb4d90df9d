// Fetches one response into a flight: from peers where the index knows some, else from the origin.

#pragma once

#include "cache/policy/cache_control.hpp"
#include "cache/policy/cache_key.hpp"
#include "proxy/core/exchange.hpp"
#include "proxy/net/coroutine.hpp"
#include "proxy/net/flight.hpp"
#include "proxy/net/stored_copy.hpp"
#include "proxy/net/upstream_target.hpp"

#include <memory>
#include <optional>
#include <string>

namespace proxy {

struct services;
struct worker;

// What to fetch. A value: the client may be gone before the fetch ends.
struct fetch_order
{
    cache::cache_key key;
    upstream_target origin;
    std::string authority;  // Host of the request
    std::string path_and_query;
    cache::field_section
        client_fields;  // end-to-end fields as the client sent them; conditions and Range removed
    cache::request_directives directives = cache::request_directives::honoured;
    bool plain = false;  // may go out in canonical form, be collapsed, and be asked of peers
    std::string table_key =
        {};                   // under which the flight stands in the table; empty: nobody joins it
    bool is_refresh = false;  // nobody waits for it: it keeps its place there to the end, so that
                              // there is one at a time
    std::optional<stored_copy> stale = {};  // is to be validated
    bool stale_if_failed = false;           // and may be served if the origin fails
};

// Runs to the end whether or not readers stay: what was begun for a store is finished. Runs in the
// worker's task_set.
awaitable<void> run_fetch(
    services& shared, worker& here, std::shared_ptr<flight> into, fetch_order order);

}  // namespace proxy
