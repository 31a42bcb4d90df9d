#include "cache/policy/cache_control.hpp"

#include "cache/policy/grammar.hpp"
#include "cache/policy/structured_fields.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace cache {
namespace {

constexpr std::string_view cdn_cache_control = "CDN-Cache-Control";

struct directive
{
    std::string_view name;
    bool alone = true;                         // nothing follows the name
    std::optional<std::string_view> argument;  // what follows "=", without quotes
};

// An argument must follow its "=" at once: "max-age =1" and "max-age= 1" are no numbers.
directive parse_directive(std::string_view member)
{
    std::size_t name_octets = 0;
    while (name_octets != member.size() && is_token(member.substr(name_octets, 1))) {
        ++name_octets;
    }
    directive parsed{.name = member.substr(0, name_octets), .alone = true, .argument = {}};
    std::string_view rest = member.substr(name_octets);
    parsed.alone = rest.empty();
    if (rest.size() > 1 && rest.front() == '=') {
        rest.remove_prefix(1);
        const bool quoted = rest.size() > 1 && rest.front() == '"' && rest.back() == '"';
        parsed.argument = quoted ? rest.substr(1, rest.size() - 2) : rest;
    }
    return parsed;
}

struct flag_directive
{
    std::string_view name;
    bool cache_control::*flag;
    bool permits = false;
};

constexpr std::array<flag_directive, 8> flags{{
    {"no-store", &cache_control::no_store},
    {"no-cache", &cache_control::no_cache},
    {"must-revalidate", &cache_control::must_revalidate},
    {"proxy-revalidate", &cache_control::proxy_revalidate},
    {"only-if-cached", &cache_control::only_if_cached},
    {"private", &cache_control::is_private},
    {"public", &cache_control::is_public, true},
    {"must-understand", &cache_control::must_understand, true},
}};

struct duration_directive
{
    std::string_view name;
    std::optional<std::chrono::seconds> cache_control::*duration;
};

constexpr std::array<duration_directive, 5> durations{{
    {"max-age", &cache_control::max_age},
    {"s-maxage", &cache_control::s_maxage},
    {"max-stale", &cache_control::max_stale},
    {"min-fresh", &cache_control::min_fresh},
    {"stale-while-revalidate", &cache_control::stale_while_revalidate},
}};

std::chrono::seconds duration_of(const directive& given)
{
    if (given.alone && equal_without_case(given.name, "max-stale")) {
        return max_delta_seconds;  // RFC 9111, section 5.2.1.2: a stale response of any age
    }
    return parse_delta_seconds(given.argument.value_or("")).value_or(std::chrono::seconds{0});
}

void apply(const directive& given, cache_control& parsed)
{
    for (const flag_directive& known : flags) {
        if (equal_without_case(given.name, known.name)) {
            parsed.*known.flag |= given.alone || !known.permits;
            return;
        }
    }
    for (const duration_directive& known : durations) {
        if (equal_without_case(given.name, known.name)) {
            std::optional<std::chrono::seconds>& duration = parsed.*known.duration;
            duration = std::min(duration_of(given), duration.value_or(max_delta_seconds));
            return;
        }
    }
}

// A directive is boolean, or a number of seconds; private and no-cache may name fields. False: of
// another type.
bool apply(const std::string& name, const structured_value& value, cache_control& parsed)
{
    for (const flag_directive& known : flags) {
        if (name == known.name) {
            const bool is_boolean = value.type == structured_type::boolean;
            parsed.*known.flag = is_boolean ? value.number != 0 : !known.permits;
            return is_boolean || !known.permits;
        }
    }
    for (const duration_directive& known : durations) {
        if (name == known.name) {
            const std::chrono::seconds stated{std::max<std::int64_t>(value.number, 0)};
            parsed.*known.duration = std::min(stated, max_delta_seconds);
            return value.type == structured_type::integer;
        }
    }
    return true;
}

std::optional<cache_control> targeted_directives(const field_section& response)
{
    const std::optional<std::string> text = response.combined(cdn_cache_control);
    const auto members = text ? parse_structured_dictionary(*text) : std::nullopt;
    if (!members || members->empty()) {
        return std::nullopt;
    }
    cache_control parsed;
    for (const auto& [name, value] : *members) {
        if (!apply(name, value, parsed)) {
            return std::nullopt;
        }
    }
    return parsed;
}

}  // namespace

response_directives parse_response_directives(const field_section& response)
{
    if (const auto targeted = targeted_directives(response)) {
        return {*targeted, true};
    }
    return {parse_cache_control(response), false};
}

cache_control parse_cache_control(const field_section& fields)
{
    cache_control parsed;
    list_members_view members{fields, field::cache_control};
    while (const std::optional<std::string_view> member = members.next()) {
        apply(parse_directive(*member), parsed);
    }
    return parsed;
}

}  // namespace cache
