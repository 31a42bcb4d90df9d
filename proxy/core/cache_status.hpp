// What this node did with a request, in the words of RFC 9211 (Cache-Status) and RFC 9209
// (Proxy-Status).

#pragma once

#include "cache/policy/reuse.hpp"
#include "proxy/core/exchange.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace proxy {

// Only true parameters are written; what is unknown is left out.
struct cache_status
{
    bool hit = false;  // answered from what was stored, without asking anyone (or after stale use)
    cache::forward_reason forward = cache::forward_reason::none;
    unsigned forward_status = 0;  // of the response we got; 0 if none
    bool stored = false;
    bool collapsed = false;  // waited for another request's fetch
    std::optional<std::chrono::seconds> ttl =
        std::nullopt;                          // remaining freshness; negative when stale
    fetch_source source = fetch_source::none;  // where the octets came from
    std::string_view detail = {};              // a reason beside the source, a constant token

    friend bool operator==(const cache_status&, const cache_status&) = default;
};

// One member of the list: "atoll-1a2b3c;hit;ttl=60;detail=memory". The detail is the source, and a
// reason behind a slash where there is one: "origin/private".
void append_cache_status(std::string& out, std::string_view pseudonym, const cache_status& status);

// "atoll-1a2b3c;error=dns_error".
void append_proxy_status(std::string& out, std::string_view pseudonym, std::string_view error);

}  // namespace proxy
