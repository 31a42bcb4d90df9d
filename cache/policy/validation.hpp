// Asking the source whether a stored response is still good (RFC 9111, section 4.3).

#pragma once

#include "cache/policy/stored_response.hpp"

namespace cache {

// A well-formed ETag or Last-Modified, exactly one of them.
bool has_validator(const field_section& response, wall_time response_time);

// If-None-Match and If-Modified-Since for what the stored response has of the two
// (section 4.3.1); empty if it has no validator and has to be fetched anew. They replace the
// client's own conditions in the request.
field_section validation_fields(const stored_response& stored);

// Whether the 304 is about the stored response (section 4.3.4): the validators it carries are those
// of the stored one. A 304 without any is taken for the one that was asked about. If it is about
// another response, fetch without conditions.
bool freshens(const field_section& not_modified, const stored_response& stored);

// Whether a 200 to a HEAD is about the stored response (section 4.3.5): it has a validator, each of
// those it has is the stored one, and so is the length, if it says one. Then it updates the stored
// response like a 304; else that is to be validated before it is used again.
bool describes(const field_section& head_response, const stored_response& stored);

// Updates the stored response from a 304 that freshens it (section 3.2): its fields replace the
// stored ones of the same name, the others stay, and its times count from now on. What describes
// the octets that are stored stays too: Content-Encoding, Content-Length, Content-Range. An
// explicit invalidation or purge ends here. Ask storable() and evaluate_freshness() again
// afterwards.
void update_from_304(stored_response& stored,
    const field_section& not_modified,
    wall_time request_time,
    wall_time response_time);

}  // namespace cache
