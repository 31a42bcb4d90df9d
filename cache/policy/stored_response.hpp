// A stored response (RFC 9111, section 3) without its body: what the cache rules decide from.

#pragma once

#include "cache/policy/field_section.hpp"

#include <chrono>
#include <cstdint>
#include <string>

namespace cache {

// Wall-clock time with milliseconds. Policy functions take it as an argument and never read a
// clock.
using wall_time = std::chrono::sys_time<std::chrono::milliseconds>;

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
    // corrected_initial_age), no framing. Content-Length, if present, is that of the body.
    field_section fields;

    // The fields of the request that the response's Vary names, as sent (RFC 9111, section 4.1).
    field_section selecting_fields;

    // What is written for the content coding the client class asked for; part of the index key.
    wall_time request_time{};   // when the request was sent (RFC 9111, section 4.2.3)
    wall_time response_time{};  // when its head was received
    std::chrono::seconds corrected_initial_age{0};

    std::uint64_t body_octets = 0;
    sharing_class sharing = sharing_class::node_local;

    // Explicit invalidation (RFC 9111, section 4.4): must be validated before it is used again.
    bool invalidated = false;

    friend bool operator==(const stored_response&, const stored_response&) = default;
};

}  // namespace cache
