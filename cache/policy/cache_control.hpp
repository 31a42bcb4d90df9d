// Cache-Control (RFC 9111, section 5.2), parsed once and interpreted by the rules.

#pragma once

#include "cache/policy/field_section.hpp"

#include <chrono>
#include <cstdint>
#include <optional>

namespace cache {

// Whether the Cache-Control of a request counts. It does where the client chose this proxy; it does
// not where the proxy fronts a site, or clients could reach through to the origin at will.
enum class request_directives : std::uint8_t
{
    honoured,
    ignored,
};

// The directives of a request or a response; the grammar is the same, the rules know which to look
// at. Where the text is invalid or contradicts itself the stricter reading holds (section 4.2.1
// encourages it):
//  - an invalid or missing number means 0, so a response with it is stale from the start;
//  - of duplicates the smaller number counts; "3600" in quotes is accepted;
//  - a directive that restricts counts whatever follows its name, so private="a" and no-cache="a"
//    (sections 5.2.2.4 and 5.2.2.7) restrict the whole response;
//  - one that permits (public, must-understand) counts only where it stands alone.
struct cache_control
{
    std::optional<std::chrono::seconds> max_age;
    std::optional<std::chrono::seconds> s_maxage;
    std::optional<std::chrono::seconds> max_stale;  // without a number: max_delta_seconds
    std::optional<std::chrono::seconds> min_fresh;
    std::optional<std::chrono::seconds> stale_while_revalidate;  // RFC 5861, section 3
    bool no_store = false;
    bool no_cache = false;
    bool must_revalidate = false;
    bool proxy_revalidate = false;
    bool only_if_cached = false;
    bool is_private = false;
    bool is_public = false;
    bool must_understand = false;

    friend bool operator==(const cache_control&, const cache_control&) = default;
};

cache_control parse_cache_control(const field_section& fields);

// What a response says to caches like this one.
struct response_directives
{
    cache_control directives;
    bool are_targeted = false;  // Expires then means nothing (RFC 9213, section 2.1)
};

// Those of CDN-Cache-Control (RFC 9213), which is for caches in front of sites; where there is
// none, or it is empty, malformed or has an argument of another type than the directive takes,
// those of Cache-Control.
response_directives parse_response_directives(const field_section& response);

}  // namespace cache
