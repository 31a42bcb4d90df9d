// Messages and stored responses for the tests of the cache rules.

#pragma once

#include "cache/policy/freshness.hpp"
#include "cache/policy/stored_response.hpp"

#include <chrono>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace support {

using namespace std::chrono_literals;

// Sunday, 22 November 2026, 12:00:00 UTC.
inline constexpr cache::wall_time noon{std::chrono::sys_days{2026y / 11 / 22} + 12h};

inline cache::field_section fields(
    std::initializer_list<std::pair<std::string_view, std::string_view>> lines)
{
    cache::field_section section;
    for (const auto& [name, value] : lines) {
        section.add(name, value);
    }
    return section;
}

inline std::string date_at(cache::wall_time time)
{
    return cache::format_http_date(std::chrono::floor<std::chrono::seconds>(time));
}

// A GET that was answered at noon, at once.
inline cache::exchange_view exchange(const cache::field_section& request,
    const cache::field_section& response,
    unsigned status = 200)
{
    return {.request = request,
        .status = status,
        .response = response,
        .request_time = noon,
        .response_time = noon};
}

// What is stored of such an exchange; the body has ten octets.
inline cache::stored_response stored(const cache::field_section& response,
    const cache::field_section& request = {},
    unsigned status = 200)
{
    cache::stored_response made = cache::make_stored_response(exchange(request, response, status));
    made.body_octets = 10;
    return made;
}

}  // namespace support
