#include "cache/policy/reuse.hpp"

#include "cache/policy/age.hpp"

#include <algorithm>

namespace cache {
namespace {

using std::chrono::seconds;

// How long the response has been stale; negative while it is fresh.
seconds staleness(const stored_response& stored, const freshness& fresh, wall_time now)
{
    return current_age(stored, now) - fresh.lifetime;
}

// max-stale: the client takes a response that has been stale for no longer than this
// (section 5.2.1.2). That is its wish; what the response forbids stays forbidden.
bool takes_stale(const cache_control& wanted,
    const stored_response& stored,
    const freshness& fresh,
    wall_time now)
{
    return wanted.max_stale && !fresh.stale_forbidden &&
           staleness(stored, fresh, now) <= *wanted.max_stale;
}

// The client takes the stored response as it is: within the limits it set (section 5.2.1), and
// fresh or stale by its leave.
bool suits_client(const cache_control& wanted,
    const stored_response& stored,
    const freshness& fresh,
    wall_time now)
{
    if (wanted.no_cache || (wanted.max_age && current_age(stored, now) > *wanted.max_age)) {
        return false;
    }
    if (!fresh.is_fresh(now)) {
        return takes_stale(wanted, stored, fresh, now);
    }
    return !wanted.min_fresh || -staleness(stored, fresh, now) >= *wanted.min_fresh;
}

// stale-while-revalidate, for a client that has set no limits.
bool is_in_refresh_window(const cache_control& wanted,
    const stored_response& stored,
    const freshness& fresh,
    wall_time now)
{
    const bool has_limits = wanted.no_cache || wanted.max_age || wanted.min_fresh;
    return fresh.refresh_window > seconds{0} && !has_limits && !wanted.only_if_cached &&
           staleness(stored, fresh, now) < fresh.refresh_window;
}

// Without the origin: a client that set limits of its own has said that it wants nothing stale
// (section 5.2.1.1: "unless the max-stale request directive is also present").
bool may_stand_in(const cache_control& wanted,
    const stored_response& stored,
    const freshness& fresh,
    wall_time now)
{
    if (fresh.stale_forbidden || wanted.no_cache) {
        return false;
    }
    const bool limits = wanted.max_age || wanted.min_fresh;
    return !limits || takes_stale(wanted, stored, fresh, now);
}

}  // namespace

std::string_view token_of(forward_reason reason)
{
    switch (reason) {
    case forward_reason::none: break;
    case forward_reason::bypass: return "bypass";
    case forward_reason::method: return "method";
    case forward_reason::uri_miss: return "uri-miss";
    case forward_reason::vary_miss: return "vary-miss";
    case forward_reason::request: return "request";
    case forward_reason::partial: return "partial";
    case forward_reason::stale: return "stale";
    }
    return "";
}

reuse_decision decide_reuse(const field_section& request,
    const stored_response& stored,
    const freshness& fresh,
    request_directives directives,
    wall_time now)
{
    const cache_control wanted =
        directives == request_directives::honoured ? parse_cache_control(request) : cache_control{};
    // A cache may ignore these two (RFC 9110, sections 13.1.1 and 13.1.4), but a client that
    // resumes a download with If-Match would then get a part of something else.
    const bool for_origin =
        request.contains(field::if_match) || request.contains(field::if_unmodified_since);

    if (!for_origin && suits_client(wanted, stored, fresh, now)) {
        return {.action = reuse_action::serve,
            .reason = forward_reason::none,
            .stale_if_failed = false};
    }

    if (!for_origin && is_in_refresh_window(wanted, stored, fresh, now)) {
        return {.action = reuse_action::refresh,
            .reason = forward_reason::none,
            .stale_if_failed = false};
    }

    reuse_decision decision;
    decision.reason = fresh.is_fresh(now) ? forward_reason::request : forward_reason::stale;
    decision.stale_if_failed = !for_origin && may_stand_in(wanted, stored, fresh, now);
    if (wanted.only_if_cached) {
        decision.action = reuse_action::refuse;
        decision.stale_if_failed = false;
    } else {
        decision.action = for_origin ? reuse_action::fetch : reuse_action::validate;
    }
    return decision;
}

reuse_decision decide_miss(
    const field_section& request, request_directives directives, bool other_variants)
{
    const bool refuse =
        directives == request_directives::honoured && parse_cache_control(request).only_if_cached;
    return {.action = refuse ? reuse_action::refuse : reuse_action::fetch,
        .reason = other_variants ? forward_reason::vary_miss : forward_reason::uri_miss,
        .stale_if_failed = false};
}

bool is_plain_hit(const field_section& request,
    const freshness& fresh,
    request_directives directives,
    wall_time now)
{
    if (!fresh.is_fresh(now)) {
        return false;
    }
    return std::none_of(request.begin(), request.end(), [&](const field_section::line& line) {
        switch (line.id) {
        case field::cache_control: return directives == request_directives::honoured;
        case field::if_match:
        case field::if_modified_since:
        case field::if_none_match:
        case field::if_range:
        case field::if_unmodified_since:
        case field::range: return true;
        default: return false;
        }
    });
}

bool is_failure(unsigned status)
{
    return status == 500 || (status >= 502 && status <= 504);
}

}  // namespace cache
