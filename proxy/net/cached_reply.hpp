// Answers one GET or HEAD that memory could not answer at once: from disk, from a fetch under way,
// or by a fetch of its own.

#pragma once

#include "cache/policy/reuse.hpp"
#include "proxy/net/cached_request.hpp"
#include "proxy/net/coroutine.hpp"
#include "proxy/net/delivery.hpp"
#include "proxy/net/fetch.hpp"
#include "proxy/net/flight.hpp"
#include "proxy/net/stored_copy.hpp"

#include <memory>
#include <optional>
#include <string>

namespace proxy {

struct services;
struct worker;

class cached_reply
{
public:
    cached_reply(services& shared, worker& here, delivery& answers, const cached_request& asked)
        : shared_{shared}, here_{here}, answers_{answers}, asked_{asked}
    {
    }

    awaitable<cached_outcome> run();

private:
    awaitable<stored_lookup> find();
    void refresh(const stored_copy& stale, const cache::reuse_decision& decision);
    std::optional<stored_copy> find_in_memory() const;
    std::optional<stored_copy> give_way(
        const std::string& table_key, const std::shared_ptr<flight>& led);
    awaitable<std::optional<stored_copy>> find_kept(flight_reader& reader);
    awaitable<cached_outcome> serve_copy(stored_copy copy, cache_status status);
    awaitable<cached_outcome> fetch(
        std::optional<stored_copy> stale, cache::reuse_decision decision);
    awaitable<cached_outcome> fetch_alone(
        fetch_order order, std::optional<stored_copy> stale, cache::reuse_decision decision);
    awaitable<flight_state> wait_for_head(flight_reader& reader, bool leads);
    awaitable<cached_outcome> serve_flight(flight_reader& reader, cache_status status);
    awaitable<cached_outcome> serve_ended(
        const flight& ended, std::optional<stored_copy> stale, cache::reuse_decision decision);
    fetch_order order_for(
        const std::optional<stored_copy>& stale, const cache::reuse_decision& decision) const;
    reply_context context(const cache_status& status) const;

    services& shared_;
    worker& here_;
    delivery& answers_;
    const cached_request& asked_;
};

}  // namespace proxy
