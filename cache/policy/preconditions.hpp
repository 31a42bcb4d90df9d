// Answering a client's conditional request from the store (RFC 9111, section 4.3.2; RFC 9110,
// section 13).

#pragma once

#include "cache/policy/stored_response.hpp"

namespace cache {

// The client has the stored response already: answer 304. For GET and HEAD only. If-None-Match
// counts alone where it is present, by weak comparison; If-Modified-Since is compared with
// Last-Modified, or with Date if there is none. If-Match and If-Unmodified-Since are for the origin
// (decide_reuse() has sent those requests on).
bool is_not_modified(const field_section& request, const stored_response& stored);

// The stored fields that the 304 carries (RFC 9110, section 15.4.5), those of cross-origin access
// included, which a script's own conditional request needs. Age and the fields that the proxy adds
// to every response are not among them.
field_section not_modified_fields(const stored_response& stored);

}  // namespace cache
