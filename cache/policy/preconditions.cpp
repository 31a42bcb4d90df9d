#include "cache/policy/preconditions.hpp"

#include "cache/policy/entity_tag.hpp"
#include "cache/policy/grammar.hpp"

namespace cache {
namespace {

bool if_none_match_holds(const field_section& request, const stored_response& stored)
{
    const std::optional<entity_tag_view> tag = entity_tag_of(stored.fields);
    for (const field_section::line line : request) {
        if (line.id != field::if_none_match) {
            continue;
        }
        if (line.value == "*" || (tag && names_tag(line.value, *tag))) {
            return false;
        }
    }
    return true;
}

bool modified_since(const field_section& request, const stored_response& stored)
{
    if (request.count(field::if_modified_since) != 1) {
        return true;
    }
    const auto since =
        parse_http_date(*request.first(field::if_modified_since), stored.response_time);
    const field compared =
        stored.fields.contains(field::last_modified) ? field::last_modified : field::date;
    const auto text = stored.fields.first(compared);
    const auto modified = text ? parse_http_date(*text, stored.response_time) : std::nullopt;
    return !since || !modified || *modified > *since;
}

bool belongs_in_304(const field_section::line& line, bool has_tag)
{
    switch (line.id) {
    case field::cache_control:
    case field::content_location:
    case field::date:
    case field::etag:
    case field::expires:
    case field::vary: return true;
    // Only of use where there is no tag.
    case field::last_modified: return !has_tag;
    default: break;
    }
    constexpr std::string_view cross_origin{"access-control-"};
    return equal_without_case(line.name.substr(0, cross_origin.size()), cross_origin);
}

}  // namespace

bool is_not_modified(const field_section& request, const stored_response& stored)
{
    // Conditions count only where the answer without them would be a success (RFC 9110,
    // section 13.2.1).
    if (stored.status < 200 || stored.status > 299) {
        return false;
    }
    // If-Modified-Since must be ignored beside If-None-Match (RFC 9110, section 13.1.3).
    if (request.contains(field::if_none_match)) {
        return !if_none_match_holds(request, stored);
    }
    return request.contains(field::if_modified_since) && !modified_since(request, stored);
}

field_section not_modified_fields(const stored_response& stored)
{
    const bool has_tag = stored.fields.contains(field::etag);
    field_section fields = stored.fields;
    fields.erase_if(
        [&](const field_section::line& line) { return !belongs_in_304(line, has_tag); });
    return fields;
}

}  // namespace cache
