// Whether a response may be stored (RFC 9111, section 3).

#pragma once

#include "cache/policy/cache_control.hpp"
#include "cache/policy/freshness.hpp"
#include "cache/policy/invalidation.hpp"
#include "cache/policy/stored_response.hpp"

#include <cstdint>
#include <string_view>

namespace cache {

enum class not_stored_reason : std::uint8_t
{
    none,                // it may be stored
    method,              // only the answer to a GET is stored
    status,              // answers a condition or a range of its request, or is not final
    request_no_store,    // the client asked that nothing be kept (section 5.2.1.5)
    no_store,            // the response forbids it (section 5.2.2.5)
    is_private,          // for one user only (section 5.2.2.7)
    must_understand,     // its status means nothing to this cache (section 5.2.2.3)
    authorization,       // credentials in, and no word that it may be shared (section 3.5)
    personal,            // a cookie in either direction and no explicit freshness
    vary,                // no later request could select it (section 4.1)
    expired,             // never fresh, and without a validator to make it so
    error_keeps_stored,  // a passing error does not replace a stored good response
};

// One sentence, for logs and for people.
std::string_view explain(not_stored_reason reason);

// The token that goes out as the detail of Cache-Status (RFC 9211, section 2.8); "" for none.
std::string_view token_of(not_stored_reason reason);

// fresh is the freshness of make_stored_response(exchange). stored is what is there for the same
// request, or nullptr. Ask again after a 304 has updated a stored response, with the updated status
// and fields: what no longer may be stored has to go.
not_stored_reason storable(const exchange_view& exchange,
    const freshness& fresh,
    request_directives directives,
    const stored_response* stored = nullptr);

// Whether the answer to a POST serves later GETs of its URI (RFC 9110, section 9.3.3): a 200 that
// says how long it is fresh and, in Content-Location, that it is the resource itself. Then it is
// stored by the rules for the answer to a GET.
bool answers_later_gets(boost::beast::http::verb method,
    unsigned status,
    const field_section& response,
    const request_uri_view& uri,
    const freshness& fresh);

}  // namespace cache
