// How long a stored response is fresh (RFC 9111, section 4.2).

#pragma once

#include "cache/policy/stored_response.hpp"

#include <chrono>

namespace cache {

// Everything about reuse that a stored response says for itself. Worked out once, when it is stored
// or updated, so that a hit costs one comparison.
struct freshness
{
    // freshness_lifetime, by s-maxage, max-age, Expires or, failing all three, by heuristics.
    std::chrono::seconds lifetime{0};

    // The response says its lifetime; false for a heuristic one and where there is none at all.
    bool is_explicit = false;

    // Every use must be validated first: no-cache, or it was invalidated (sections 5.2.2.4, 4.4).
    bool always_validate = false;

    // Must not be served stale, not even when the origin has failed (section 4.2.4).
    bool stale_forbidden = false;

    // For so long after that it may be served while a fresh one is being fetched (RFC 5861,
    // section 3); 0 if stale_forbidden.
    std::chrono::seconds refresh_window{0};

    // The instant at which the age reaches the lifetime. The least time there is if
    // always_validate; not after the response came if it was declared out of date.
    wall_time fresh_until = wall_time::min();

    bool is_fresh(wall_time now) const { return now < fresh_until; }

    friend bool operator==(const freshness&, const freshness&) = default;
};

freshness evaluate_freshness(const stored_response& stored);

// Statuses that say no more than that something is wrong with this request, this user or this
// moment. They get no heuristic lifetime and never replace a stored good response: an attacker who
// can provoke one would otherwise have it served to everybody.
bool is_passing_error(unsigned status);

}  // namespace cache
