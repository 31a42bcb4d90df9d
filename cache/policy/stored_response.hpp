// A stored response (RFC 9111, section 3) without its body: what the cache rules decide from.

#pragma once

#include "cache/policy/field_section.hpp"
#include "cache/policy/http_date.hpp"

#include <boost/beast/http/verb.hpp>

#include <chrono>
#include <cstdint>

namespace cache {

// Who may be given a copy of a response. The rules are in sharing.hpp.
enum class sharing_class : std::uint8_t
{
    node_local,  // this node only, by the rules of RFC 9111
    trusted,     // peers of the same swarm: public, explicit freshness, no credentials in either
                 // direction
    verified,    // any peer: a digest was known beforehand
};

// A value; owns its fields.
struct stored_response
{
    std::uint16_t status = 200;

    // The end-to-end fields of the response as received: no hop-by-hop field, no Age (it is in
    // corrected_initial_age), no Content-Length (it is body_octets). There is exactly one Date, and
    // it is valid.
    field_section fields;

    // The fields of the request that the response's Vary names, in the form that vary.hpp compares
    // (RFC 9111, section 4.1).
    field_section selecting_fields;

    wall_time request_time{};   // when the request was sent (RFC 9111, section 4.2.3)
    wall_time response_time{};  // when its head was received
    std::chrono::seconds corrected_initial_age{0};

    std::uint64_t body_octets = 0;
    sharing_class sharing = sharing_class::node_local;

    // Explicit invalidation (RFC 9111, section 4.4): must be validated before it is used again.
    bool invalidated = false;

    // Declared out of date by an operator (a soft purge): stale, whatever its lifetime.
    bool outdated = false;

    friend bool operator==(const stored_response&, const stored_response&) = default;
};

// A request and the head of its final response, as the rules see them. The sections must outlive
// the view.
struct exchange_view
{
    boost::beast::http::verb method = boost::beast::http::verb::get;
    const field_section& request;
    unsigned status = 200;
    const field_section& response;
    wall_time request_time{};
    wall_time response_time{};
};

// What is to be stored of the exchange, if storability.hpp allows it. body_octets and sharing are
// left for the caller to fill.
stored_response make_stored_response(const exchange_view& exchange);

// Removes what a cache must not store (RFC 9111, section 3.1) and what is kept elsewhere:
// Connection and the fields it names, the other fields of one hop, the fields of proxy
// authentication, Age, Content-Length. The proxy takes the first ones off every message already;
// they are taken off again here because a store that keeps one of them serves it for as long as the
// response lives.
void remove_unstorable_fields(field_section& response);

// A valid Date, from the response or, if it is absent or invalid, the time it was received
// (RFC 9110, section 6.6.1). Changes the section in the second case only.
std::chrono::sys_seconds ensure_date(field_section& response, wall_time response_time);

}  // namespace cache
