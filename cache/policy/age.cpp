#include "cache/policy/age.hpp"

#include "cache/policy/grammar.hpp"

#include <algorithm>

namespace cache {
namespace {

using std::chrono::seconds;

seconds whole_seconds(std::chrono::milliseconds duration)
{
    return std::clamp(std::chrono::floor<seconds>(duration), seconds{0}, max_delta_seconds);
}

}  // namespace

std::optional<seconds> received_age(const field_section& response)
{
    list_members_view members{response, field::age};
    const std::optional<std::string_view> first = members.next();
    return first ? parse_delta_seconds(*first) : std::nullopt;
}

seconds corrected_initial_age(std::optional<seconds> age_value,
    std::chrono::sys_seconds date,
    wall_time request_time,
    wall_time response_time)
{
    const seconds apparent_age = whole_seconds(response_time - date);
    const seconds response_delay = whole_seconds(response_time - request_time);
    const seconds corrected_age_value = age_value.value_or(seconds{0}) + response_delay;
    return std::min(std::max(apparent_age, corrected_age_value), max_delta_seconds);
}

seconds current_age(const stored_response& stored, wall_time now)
{
    const seconds resident_time = whole_seconds(now - stored.response_time);
    return std::min(stored.corrected_initial_age + resident_time, max_delta_seconds);
}

}  // namespace cache
