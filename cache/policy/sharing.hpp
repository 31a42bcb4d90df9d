// Which requests may use peers, and which responses peers may have.

#pragma once

#include "cache/policy/freshness.hpp"
#include "cache/policy/stored_response.hpp"

#include <string_view>

namespace cache {

// Hop-by-hop fields aside, the request holds only what is in the key or does not matter to the
// response: no credentials, nothing unknown. Only plain requests ask the index and peers, or are
// announced there. If-Match and If-Unmodified-Since, which only the origin can judge, are not
// plain.
bool is_plain(const field_section& request);

// The fields of a plain request as they go out, to origin or peer alike: nothing of one client that
// is not in the key. Accept-Encoding as its class, Accept that excludes nothing, Origin (part of
// the key). Host, the conditions of a validation and the proxy's own fields are added by the
// caller.
field_section canonical_request(const field_section& request);

// The response to a canonical request depends on a field that was left out: repeat the request as
// the client sent it, and treat the path as individual from now on.
bool depends_on_dropped_field(const field_section& response);

// trusted or node_local: "verified" takes a digest that was known beforehand, and is not for this
// function to give. fresh is that of the response about to be stored.
sharing_class classify(const exchange_view& exchange, const freshness& fresh);

// The variant under which a response is found in the index: "" unless its Vary names
// Accept-Encoding, else the class of what the request accepts.
std::string_view index_variant(const field_section& request, const field_section& response);

}  // namespace cache
