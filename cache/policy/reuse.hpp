// Whether a stored response answers a request (RFC 9111, section 4).

#pragma once

#include "cache/policy/cache_control.hpp"
#include "cache/policy/freshness.hpp"
#include "cache/policy/stored_response.hpp"

#include <cstdint>
#include <string_view>

namespace cache {

enum class reuse_action : std::uint8_t
{
    serve,     // answer from the store; look at preconditions and Range next
    refresh,   // the same, although it is stale, and validate it meanwhile for those to come
    validate,  // ask the source with the fields of validation.hpp
    fetch,     // ask the source with the client's own fields, as if nothing were stored
    refuse,    // only-if-cached, and nothing can be served: 504 (section 5.2.1.7)
};

// Why a request goes on to the source: the values of "fwd" in Cache-Status (RFC 9211, section 2.2).
enum class forward_reason : std::uint8_t
{
    none,       // it does not
    bypass,     // this node never caches such a request
    method,     // neither GET nor HEAD
    uri_miss,   // nothing is stored under the key
    vary_miss,  // something is stored under the key, but no variant that the request selects
    request,    // fresh, but the request does not want it as it is
    partial,    // of what is stored some is missing
    stale,      // it is stale or must always be validated
};

std::string_view token_of(forward_reason reason);

struct reuse_decision
{
    reuse_action action = reuse_action::fetch;
    forward_reason reason = forward_reason::uri_miss;

    // If the source cannot be reached or answers 500, 502, 503 or 504, the stored response may be
    // served instead (section 4.2.4). Otherwise the client gets an error.
    bool stale_if_failed = false;

    friend bool operator==(const reuse_decision&, const reuse_decision&) = default;
};

// For the stored response that the request selects.
reuse_decision decide_reuse(const field_section& request,
    const stored_response& stored,
    const freshness& fresh,
    request_directives directives,
    wall_time now);

// For a request that selects none; other_variants: something else is stored under the key.
reuse_decision decide_miss(
    const field_section& request, request_directives directives, bool other_variants);

// The short way for a hit in memory: the selected response is fresh and the request asks for
// nothing but the response, so that decide_reuse() would say "serve" and neither preconditions nor
// Range apply. Looks at each field of the request once.
bool is_plain_hit(const field_section& request,
    const freshness& fresh,
    request_directives directives,
    wall_time now);

// The statuses of an answer from the source after which stale_if_failed applies.
bool is_failure(unsigned status);

}  // namespace cache
