// The pieces of RFC 9110, section 5.6 from which the values of many fields are made.

#pragma once

#include "cache/policy/field_section.hpp"

#include <chrono>
#include <optional>
#include <string_view>

namespace cache {

// Letter case of US-ASCII only: no locale has a say in HTTP.
constexpr char to_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool equal_without_case(std::string_view left, std::string_view right);

// Without the spaces and tabs at both ends (OWS, section 5.6.3).
std::string_view trim_blanks(std::string_view text);

// Cuts the next non-empty member off a comma-separated list (section 5.6.1) and returns it without
// the blanks around it; "" when there is none left. Commas inside a quoted string separate nothing;
// a quoted string that is never closed goes on to the end of the line.
std::string_view take_member(std::string_view& list);

// The members of a list field over all its lines, in order (section 5.3: several lines and one list
// mean the same). The section must outlive the view.
class list_members_view
{
public:
    list_members_view(const field_section& section, field name);
    list_members_view(const field_section& section, std::string_view name);

    // The next member, never empty; nothing after the last.
    std::optional<std::string_view> next();

private:
    field_section::const_iterator line_;
    field_section::const_iterator end_;
    field id_;
    std::string_view name_;
    std::string_view rest_;
};

// The weight behind a list member in thousandths (RFC 9110, section 12.4.2): "" is 1000, ";q=0.5"
// is 500. Nothing if it is malformed.
std::optional<unsigned> parse_weight(std::string_view parameter);

// What is more is taken for this much: RFC 9111, section 1.2.2 names 2^31 seconds, 68 years.
inline constexpr std::chrono::seconds max_delta_seconds{2'147'483'648};

// delta-seconds (RFC 9111, section 1.2.2): digits and nothing else, at most max_delta_seconds.
std::optional<std::chrono::seconds> parse_delta_seconds(std::string_view text);

}  // namespace cache
