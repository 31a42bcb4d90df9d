// Passes one request to its origin and the answer back, without storing: unsafe methods, requests
// with content, and what is asked for but not stored (HEAD, Range).

#pragma once

#include "proxy/core/cache_status.hpp"
#include "proxy/core/target.hpp"
#include "proxy/http1/message.hpp"
#include "proxy/net/client_stream.hpp"
#include "proxy/net/coroutine.hpp"
#include "proxy/net/delivery.hpp"
#include "proxy/net/upstream_target.hpp"

namespace proxy {

struct services;
struct worker;

struct relay_order
{
    const http1::request_head& request;  // outlives the call
    const target& where;
    const cache::field_section& fields;  // end-to-end, Host taken out
    upstream_target origin;
    bool keep_alive = true;  // towards the client
    cache::forward_reason reason = cache::forward_reason::method;
};

struct relay_outcome
{
    reply_summary summary;
    // Nothing of a response has gone to the client: it is to be told this.
    std::optional<fetch_failure> failure;
    bool keep_alive = false;     // the client's connection can go on
    bool whole = false;          // all of the response has gone to the client
    bool ends_by_close = false;  // the client finds the end of the content by nothing else
};

// What an unsafe method makes invalid (RFC 9111, section 4.4) is gone before the client learns of
// its success.
//
// Both bodies stream, and both ways at once; memory does not grow with them. A final answer that is
// an error ends the sending of the content, any other does not; the client's connection is closed
// behind an answer that came before the end of the content. A request whose content turns out
// malformed or is cut short is never completed towards the origin. Sent again only if it was
// idempotent, without content, on a reused connection that had closed (RFC 9112, section 9.3.1).
awaitable<relay_outcome> relay(
    services& shared, worker& here, client_stream& client, relay_order order);

}  // namespace proxy
