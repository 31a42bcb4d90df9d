#include "cache/policy/validation.hpp"

#include "cache/policy/age.hpp"
#include "cache/policy/entity_tag.hpp"

#include <string>
#include <vector>

namespace cache {
namespace {

std::optional<std::string_view> last_modified_of(
    const field_section& response, wall_time response_time)
{
    if (response.count(field::last_modified) != 1) {
        return std::nullopt;
    }
    const std::string_view text = *response.first(field::last_modified);
    return parse_http_date(text, response_time) ? std::optional{text} : std::nullopt;
}

bool describes_octets(field id)
{
    return id == field::content_encoding || id == field::content_length ||
           id == field::content_range;
}

}  // namespace

bool has_validator(const field_section& response, wall_time response_time)
{
    return entity_tag_of(response) || last_modified_of(response, response_time);
}

field_section validation_fields(const stored_response& stored)
{
    field_section conditions;
    if (entity_tag_of(stored.fields)) {
        conditions.add(field::if_none_match, *stored.fields.first(field::etag));
    }
    if (const auto modified = last_modified_of(stored.fields, stored.response_time)) {
        conditions.add(field::if_modified_since, *modified);
    }
    return conditions;
}

bool freshens(const field_section& not_modified, const stored_response& stored)
{
    const auto new_tag = entity_tag_of(not_modified);
    const auto stored_tag = entity_tag_of(stored.fields);
    if (new_tag) {
        return stored_tag &&
               (new_tag->weak || stored_tag->weak ? weak_match(*new_tag, *stored_tag)
                                                  : strong_match(*new_tag, *stored_tag));
    }
    const auto new_date = not_modified.first(field::last_modified);
    const auto stored_date = stored.fields.first(field::last_modified);
    return stored_tag || !new_date || !stored_date || *new_date == *stored_date;
}

bool describes(const field_section& head_response, const stored_response& stored)
{
    const auto same = [&](field id) {
        return !head_response.contains(id) || head_response.first(id) == stored.fields.first(id);
    };
    const std::string length = std::to_string(stored.body_octets);
    return (head_response.contains(field::etag) || head_response.contains(field::last_modified)) &&
           same(field::etag) && same(field::last_modified) &&
           head_response.first(field::content_length).value_or(length) == length;
}

void update_from_304(stored_response& stored,
    const field_section& not_modified,
    wall_time request_time,
    wall_time response_time)
{
    field_section update = not_modified;
    const std::chrono::sys_seconds date = ensure_date(update, response_time);
    stored.corrected_initial_age =
        corrected_initial_age(received_age(update), date, request_time, response_time);
    stored.request_time = request_time;
    stored.response_time = response_time;
    stored.invalidated = false;
    stored.outdated = false;

    remove_unstorable_fields(update);
    update.erase_if([](const field_section::line& line) { return describes_octets(line.id); });
    stored.fields.erase_if(
        [&](const field_section::line& line) { return update.contains(line.name); });
    for (const field_section::line line : update) {
        stored.fields.add(line.name, line.value);
    }
}

}  // namespace cache
