// The age of a response (RFC 9111, section 4.2.3).

#pragma once

#include "cache/policy/stored_response.hpp"

#include <chrono>
#include <optional>

namespace cache {

// age_value: what the Age field says. Of a list or of several lines the first member counts
// (section 5.1); if that is no number there is none.
std::optional<std::chrono::seconds> received_age(const field_section& response);

// corrected_initial_age: the greater of what the caches on the way say, with the whole response
// delay added, and what the clocks say. A clock that runs ahead of ours never makes it negative.
std::chrono::seconds corrected_initial_age(std::optional<std::chrono::seconds> age_value,
    std::chrono::sys_seconds date,
    wall_time request_time,
    wall_time response_time);

// current_age: what goes out as Age. Never negative, never more than max_delta_seconds.
std::chrono::seconds current_age(const stored_response& stored, wall_time now);

}  // namespace cache
