// What a request that changes things makes of stored responses (RFC 9111, section 4.4).

#pragma once

#include "cache/policy/cache_key.hpp"
#include "cache/policy/field_section.hpp"

#include <boost/beast/http/verb.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cache {

// The URI a request was for, in the form cache_key takes. The text must outlive the view.
struct request_uri_view
{
    std::string_view scheme;
    std::string_view host;
    std::uint16_t port = 0;
    std::string_view target;
};

// The target that a URI reference names on the origin of the request. Nothing where it names
// another origin or is of a form that no key has.
std::optional<std::string> target_on_same_origin(
    std::string_view reference, const request_uri_view& uri);

// A non-error answer (2xx, 3xx) to a method that is unsafe or whose safety is unknown. The safe
// ones are GET, HEAD, OPTIONS, TRACE (RFC 9110, section 9.2.1), PROPFIND, REPORT and SEARCH.
bool invalidates(boost::beast::http::verb method, unsigned status);

// The keys whose responses go: that of the request's own URI first, then those that Location and
// Content-Location name, if they have the same origin (section 4.4). Every response stored under
// the URL of a key is meant, whatever the Origin in its key.
std::vector<cache_key> invalidated_keys(const request_uri_view& uri, const field_section& response);

}  // namespace cache
