// Entity tags (RFC 9110, section 8.8.3).

#pragma once

#include "cache/policy/field_section.hpp"

#include <optional>
#include <string_view>

namespace cache {

// A tag that follows the grammar: W/"opaque" or "opaque". The text it was read from must outlive
// it.
struct entity_tag_view
{
    std::string_view opaque;  // with its quotes
    bool weak = false;
};

// The whole text must be one tag. "w/" and unquoted text are malformed (RFC 9110, section 8.8.3).
std::optional<entity_tag_view> parse_entity_tag(std::string_view text);

// The tag of a response; nothing if it has none, a malformed one, or several.
std::optional<entity_tag_view> entity_tag_of(const field_section& response);

// RFC 9110, section 8.8.3.2.
bool strong_match(const entity_tag_view& left, const entity_tag_view& right);
bool weak_match(const entity_tag_view& left, const entity_tag_view& right);

// Whether a line of If-None-Match names the tag, by weak comparison. A malformed member matches
// nothing and the list goes on after the next comma.
bool names_tag(std::string_view list, const entity_tag_view& tag);

}  // namespace cache
