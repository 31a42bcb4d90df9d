// Answers one GET or HEAD that memory could not answer at once: from disk, from a fetch under way,
// or by a fetch of its own.

#pragma once

#include "cache/policy/cache_control.hpp"
#include "cache/policy/cache_key.hpp"
#include "cache/policy/reuse.hpp"
#include "proxy/core/exchange.hpp"
#include "proxy/core/target.hpp"
#include "proxy/net/coroutine.hpp"
#include "proxy/net/delivery.hpp"
#include "proxy/net/fetch.hpp"
#include "proxy/net/flight.hpp"
#include "proxy/net/stored_copy.hpp"
#include "proxy/net/upstream_target.hpp"

#include <memory>
#include <optional>
#include <string>

namespace proxy {

struct services;
struct worker;

// Everything here outlives the answer.
struct cached_request
{
    const http1::request_head& request;
    const target& where;
    const cache::field_section& fields;  // end-to-end, Host taken out
    const cache::cache_key& key;
    upstream_target origin;
    cache::request_directives directives = cache::request_directives::honoured;
    bool keep_alive = true;
};

struct cached_outcome
{
    enum class kind : std::uint8_t
    {
        answered,  // written, or queued; `error` says if the connection broke
        pass_on,   // not for the cache: relay it, for `reason`
        refused,   // only-if-cached, and nothing is there: 504
        failed,    // no response could be had: tell `failure`
    };
    kind what = kind::answered;
    error_code error;
    cache::forward_reason reason = cache::forward_reason::none;
    fetch_failure failure = given_up;
    fetch_source source = fetch_source::none;
    bool ends_connection =
        false;  // an HTTP/1.0 client can tell the end of the content by nothing else
};

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
