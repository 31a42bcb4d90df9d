// A GET or HEAD that memory could not answer at once, and how it ended.

#pragma once

#include "cache/policy/cache_control.hpp"
#include "cache/policy/cache_key.hpp"
#include "cache/policy/reuse.hpp"
#include "proxy/core/cache_status.hpp"
#include "proxy/core/exchange.hpp"
#include "proxy/core/target.hpp"
#include "proxy/http1/message.hpp"
#include "proxy/net/coroutine.hpp"
#include "proxy/net/fetch.hpp"
#include "proxy/net/flight.hpp"
#include "proxy/net/upstream_target.hpp"

namespace proxy {

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

cache_status status_of(const flight_head& head, cache::forward_reason reason, bool leads);

// Fetches the whole with the fields of the request, less its conditions and Range.
fetch_order whole_order(const cached_request& asked);

}  // namespace proxy
