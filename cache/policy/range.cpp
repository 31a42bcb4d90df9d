#include "cache/policy/range.hpp"

#include "cache/policy/entity_tag.hpp"
#include "cache/policy/grammar.hpp"

#include <algorithm>
#include <limits>

namespace cache {
namespace {

// One byte-range-spec as written: "first-last", "first-" or "-suffix".
struct range_spec
{
    std::optional<std::uint64_t> first;
    std::optional<std::uint64_t> last;  // without first: the length of the suffix
};

// Positions beyond 2^64 lie beyond the end of every body, and so does the greatest number below it.
std::optional<std::uint64_t> parse_position(std::string_view text)
{
    constexpr std::uint64_t limit = std::numeric_limits<std::uint64_t>::max();
    std::uint64_t position = 0;
    for (const char c : text) {
        if (c < '0' || c > '9') {
            return std::nullopt;
        }
        const auto digit = static_cast<std::uint64_t>(c - '0');
        position = position > (limit - digit) / 10 ? limit : position * 10 + digit;
    }
    return text.empty() ? std::nullopt : std::optional{position};
}

// A comma, and with it a list of several parts, fits no number.
std::optional<range_spec> parse_range(std::string_view text)
{
    constexpr std::string_view unit{"bytes="};
    const std::size_t dash = text.find('-');
    if (dash == std::string_view::npos || dash < unit.size() ||
        !equal_without_case(text.substr(0, unit.size()), unit)) {
        return std::nullopt;
    }
    const std::string_view first = text.substr(unit.size(), dash - unit.size());
    const std::string_view last = text.substr(dash + 1);
    const range_spec spec{.first = parse_position(first), .last = parse_position(last)};
    const bool valid = (spec.first || first.empty()) && (spec.last || last.empty()) &&
                       (spec.first || spec.last) &&
                       (!spec.first || !spec.last || *spec.first <= *spec.last);
    return valid ? std::optional{spec} : std::nullopt;
}

// Last-Modified is strong if the response is younger than it by a second at least: within that
// second it could have changed again (RFC 9110, section 8.8.2.2).
bool is_strong_date(std::string_view modified_text, const stored_response& stored)
{
    const auto modified = parse_http_date(modified_text, stored.response_time);
    const auto date_text = stored.fields.first(field::date);
    const auto date = date_text ? parse_http_date(*date_text, stored.response_time) : std::nullopt;
    return modified && date && *date - *modified >= std::chrono::seconds{1};
}

// RFC 9110, section 13.1.5: only a strong validator that equals the stored one holds.
bool if_range_holds(const field_section& request, const stored_response& stored)
{
    if (!request.contains(field::if_range)) {
        return true;
    }
    if (request.count(field::if_range) != 1) {
        return false;
    }
    const std::string_view condition = *request.first(field::if_range);
    if (const auto tag = parse_entity_tag(condition)) {
        const auto stored_tag = entity_tag_of(stored.fields);
        return stored_tag && strong_match(*tag, *stored_tag);
    }
    return stored.fields.count(field::last_modified) == 1 &&
           stored.fields.first(field::last_modified) == condition &&
           is_strong_date(condition, stored);
}

range_decision resolve(const range_spec& spec, std::uint64_t body_octets)
{
    if (!spec.first) {
        const std::uint64_t suffix = std::min(*spec.last, body_octets);
        if (*spec.last == 0) {
            return {.outcome = range_outcome::unsatisfiable};
        }
        // The last octets of an empty body are satisfiable, but no Content-Range can say so.
        return suffix == 0 ? range_decision{.octets = body_octets}
                           : range_decision{.outcome = range_outcome::part,
                                 .first = body_octets - suffix,
                                 .octets = suffix};
    }
    if (*spec.first >= body_octets) {
        return {.outcome = range_outcome::unsatisfiable};
    }
    const std::uint64_t last = std::min(spec.last.value_or(body_octets - 1), body_octets - 1);
    return {.outcome = range_outcome::part, .first = *spec.first, .octets = last - *spec.first + 1};
}

}  // namespace

range_decision resolve_range(const field_section& request, const stored_response& stored)
{
    const range_decision whole{.octets = stored.body_octets};
    if (request.count(field::range) != 1 || stored.status != 200) {
        return whole;
    }
    const std::optional<range_spec> spec = parse_range(*request.first(field::range));
    if (!spec || !if_range_holds(request, stored)) {
        return whole;
    }
    return resolve(*spec, stored.body_octets);
}

std::string content_range(const range_decision& part, std::uint64_t body_octets)
{
    return "bytes " + std::to_string(part.first) + "-" +
           std::to_string(part.first + part.octets - 1) + "/" + std::to_string(body_octets);
}

std::string unsatisfied_content_range(std::uint64_t body_octets)
{
    return "bytes */" + std::to_string(body_octets);
}

}  // namespace cache
