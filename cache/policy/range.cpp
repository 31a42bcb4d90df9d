#include "cache/policy/range.hpp"

#include "cache/policy/entity_tag.hpp"
#include "cache/policy/grammar.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <utility>

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

// More parts than a client has use for would cost more than the whole (RFC 9110, section 17.15).
constexpr std::size_t most_parts = 8;

std::optional<range_spec> parse_spec(std::string_view text)
{
    const std::size_t dash = text.find('-');
    if (dash == std::string_view::npos) {
        return std::nullopt;
    }
    const std::string_view first = text.substr(0, dash);
    const std::string_view last = text.substr(dash + 1);
    const range_spec spec{.first = parse_position(first), .last = parse_position(last)};
    const bool valid = (spec.first || first.empty()) && (spec.last || last.empty()) &&
                       (spec.first || spec.last) &&
                       (!spec.first || !spec.last || *spec.first <= *spec.last);
    return valid ? std::optional{spec} : std::nullopt;
}

// Empty if one of them is malformed, or if there are too many.
std::vector<range_spec> parse_range(std::string_view text)
{
    constexpr std::string_view unit{"bytes="};
    std::vector<range_spec> specs;
    if (!equal_without_case(text.substr(0, unit.size()), unit)) {
        return specs;
    }
    text.remove_prefix(unit.size());
    if (text.starts_with(' ') || text.starts_with('\t')) {
        return specs;
    }
    for (auto member = take_member(text); !member.empty(); member = take_member(text)) {
        const std::optional<range_spec> spec = parse_spec(member);
        if (!spec || specs.size() == most_parts) {
            specs.clear();
            break;
        }
        specs.push_back(*spec);
    }
    return specs;
}

bool take_number(std::string_view& text, std::uint64_t& number)
{
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{}) {
        return false;
    }
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return true;
}

bool take(std::string_view& text, std::string_view expected)
{
    if (!text.starts_with(expected)) {
        return false;
    }
    text.remove_prefix(expected.size());
    return true;
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

// The part of a body that is not empty; none if it lies beyond its end.
std::optional<byte_range> part_of(const range_spec& spec, std::uint64_t body_octets)
{
    if (!spec.first) {
        const std::uint64_t suffix = std::min(*spec.last, body_octets);
        return suffix == 0 ? std::nullopt : std::optional{byte_range{body_octets - suffix, suffix}};
    }
    if (*spec.first >= body_octets) {
        return std::nullopt;
    }
    const std::uint64_t last = std::min(spec.last.value_or(body_octets - 1), body_octets - 1);
    return byte_range{*spec.first, last - *spec.first + 1};
}

bool overlaps(const byte_range& part, const std::vector<byte_range>& others)
{
    return std::any_of(others.begin(), others.end(), [&](const byte_range& other) {
        return part.first < other.first + other.octets && other.first < part.first + part.octets;
    });
}

// The last octets of an empty body are satisfiable, but no Content-Range can say so.
bool wants_end_of_nothing(const range_spec& spec, std::uint64_t body_octets)
{
    return body_octets == 0 && !spec.first && *spec.last != 0;
}

}  // namespace

range_decision resolve_range(const field_section& request, const stored_response& stored)
{
    range_decision whole{.part = {0, stored.body_octets}};
    if (request.count(field::range) != 1 || stored.status != 200) {
        return whole;
    }
    const std::vector<range_spec> specs = parse_range(*request.first(field::range));
    if (specs.empty() || !if_range_holds(request, stored)) {
        return whole;
    }
    std::vector<byte_range> parts;
    for (const range_spec& spec : specs) {
        const std::optional<byte_range> part = part_of(spec, stored.body_octets);
        const bool ignored = wants_end_of_nothing(spec, stored.body_octets);
        if (ignored || (part && overlaps(*part, parts))) {
            return whole;
        }
        if (part) {
            parts.push_back(*part);
        }
    }
    if (parts.empty()) {
        return {.outcome = range_outcome::unsatisfiable};
    }
    if (parts.size() == 1) {
        return {.outcome = range_outcome::part, .part = parts.front()};
    }
    return {.outcome = range_outcome::parts, .parts = std::move(parts)};
}

std::optional<requested_range> sole_range(const field_section& request)
{
    if (request.count(field::range) != 1) {
        return std::nullopt;
    }
    const std::vector<range_spec> specs = parse_range(*request.first(field::range));
    if (specs.empty()) {
        return std::nullopt;
    }
    return specs.size() == 1 && specs.front().first
               ? requested_range{specs.front().first, specs.front().last}
               : requested_range{};
}

std::optional<received_range> parse_content_range(std::string_view text)
{
    received_range range;
    const bool understood = take(text, "bytes ") && take_number(text, range.first) &&
                            take(text, "-") && take_number(text, range.last) && take(text, "/") &&
                            take_number(text, range.complete) && text.empty();
    if (!understood || range.first > range.last || range.last >= range.complete) {
        return std::nullopt;
    }
    return range;
}

std::string content_range(byte_range part, std::uint64_t body_octets)
{
    return "bytes " + std::to_string(part.first) + "-" +
           std::to_string(part.first + part.octets - 1) + "/" + std::to_string(body_octets);
}

std::string unsatisfied_content_range(std::uint64_t body_octets)
{
    return "bytes */" + std::to_string(body_octets);
}

std::string multipart_head(std::string_view boundary,
    std::string_view content_type,
    byte_range part,
    std::uint64_t body_octets)
{
    std::string text = "\r\n--";
    text.append(boundary).append("\r\n");
    if (!content_type.empty()) {
        text.append("Content-Type: ").append(content_type).append("\r\n");
    }
    return text.append("Content-Range: ")
        .append(content_range(part, body_octets))
        .append("\r\n\r\n");
}

std::string multipart_end(std::string_view boundary)
{
    return std::string("\r\n--").append(boundary).append("--\r\n");
}

}  // namespace cache
