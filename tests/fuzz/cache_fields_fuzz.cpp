// What the cache reads in fields: Cache-Control, dates, Vary, Range, Age, entity tags, locations.
// Input: lines "Name: value"; those before the first empty line are a request's, the others the
// response's.

#include "cache/policy/age.hpp"
#include "cache/policy/grammar.hpp"
#include "cache/policy/invalidation.hpp"
#include "cache/policy/preconditions.hpp"
#include "cache/policy/range.hpp"
#include "cache/policy/reuse.hpp"
#include "cache/policy/sharing.hpp"
#include "cache/policy/slices.hpp"
#include "cache/policy/storability.hpp"
#include "cache/policy/structured_fields.hpp"
#include "cache/policy/validation.hpp"
#include "cache/policy/vary.hpp"

#include <boost/assert.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace {

using namespace std::chrono_literals;
using cache::field_section;

constexpr cache::wall_time now{std::chrono::sys_days{2026y / 11 / 22}};
constexpr std::uint64_t body_octets = 1000;

// The parser in front of the cache lets nothing else through.
void add_line(std::string_view line, field_section& section)
{
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) {
        return;
    }
    const std::string_view name = line.substr(0, colon);
    const std::string_view value = cache::trim_blanks(line.substr(colon + 1));
    if (cache::is_token(name) && cache::is_field_value(value)) {
        section.add(name, value);
    }
}

void read_sections(std::string_view input, field_section& request, field_section& response)
{
    field_section* section = &request;
    while (!input.empty()) {
        const std::size_t end = std::min(input.find('\n'), input.size());
        if (end == 0) {
            section = &response;
        }
        add_line(input.substr(0, end), *section);
        input.remove_prefix(std::min(end + 1, input.size()));
    }
}

void check_date(std::string_view text)
{
    const auto time = cache::parse_http_date(text, now);
    if (time) {
        // What was read once is read again from its canonical form. A leap second may carry the
        // last second of year 9999 over the end of the calendar.
        const std::chrono::year_month_day date{std::chrono::floor<std::chrono::days>(*time)};
        if (date.year() <= 9999y) {
            BOOST_ASSERT(cache::parse_http_date(cache::format_http_date(*time), now) == time);
        }
    }
}

void check_range(const field_section& request, const cache::stored_response& stored)
{
    if (const auto span = cache::slices_to_ask_for(request)) {
        BOOST_ASSERT(span->begin < span->end);
        BOOST_ASSERT(span->begin % cache::slice_octets == 0);
    }
    for (const field_section::line line : request) {
        const auto part = cache::parse_content_range(line.value);
        BOOST_ASSERT(!part || (part->first <= part->last && part->last < part->complete));
        const auto map = cache::decode_slice_map(line.value);
        BOOST_ASSERT(!map || cache::decode_slice_map(cache::encode_slice_map(*map)) == map);
    }
    cache::range_decision decision = cache::resolve_range(request, stored);
    if (decision.outcome != cache::range_outcome::parts) {
        decision.parts.assign(1, decision.part);
    }
    for (const cache::byte_range part : decision.parts) {
        BOOST_ASSERT(part.octets <= body_octets);
        BOOST_ASSERT(part.first <= body_octets - part.octets);
        BOOST_ASSERT(part.octets > 0 || decision.outcome == cache::range_outcome::whole ||
                     decision.outcome == cache::range_outcome::unsatisfiable);
        BOOST_ASSERT(part.octets == 0 ||
                     cache::is_field_value(cache::content_range(part, stored.body_octets)));
    }
}

// Selecting fields are in normal form: the request they were taken from selects the response, and
// so do they themselves.
void check_vary(const field_section& request, const cache::stored_response& stored)
{
    const bool never = cache::varies_on_everything(stored.fields);
    BOOST_ASSERT(cache::selects(stored, request) == !never);
    BOOST_ASSERT(cache::selects(stored, stored.selecting_fields) == !never);
}

void check_validation(cache::stored_response stored, const field_section& not_modified)
{
    for (const field_section::line line : cache::validation_fields(stored)) {
        BOOST_ASSERT(!line.value.empty());
    }
    if (cache::freshens(not_modified, stored)) {
        cache::update_from_304(stored, not_modified, now, now);
        BOOST_ASSERT(stored.fields.count(cache::field::date) == 1);
        BOOST_ASSERT(!stored.fields.contains(cache::field::connection));
        BOOST_ASSERT(stored.body_octets == body_octets);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    field_section request;
    field_section response;
    read_sections({reinterpret_cast<const char*>(data), size}, request, response);

    const cache::exchange_view exchange{.request = request,
        .status = 200,
        .response = response,
        .request_time = now,
        .response_time = now};
    cache::stored_response stored = cache::make_stored_response(exchange);
    stored.body_octets = body_octets;
    const cache::freshness fresh = cache::evaluate_freshness(stored);

    BOOST_ASSERT(fresh.lifetime >= 0s);
    BOOST_ASSERT(fresh.lifetime <= cache::max_delta_seconds);
    BOOST_ASSERT(cache::current_age(stored, now) >= 0s);

    for (const field_section::line line : response) {
        check_date(line.value);
        const auto members = cache::parse_structured_dictionary(line.value);
        BOOST_ASSERT(!members || members->size() <= line.value.size());
    }
    check_range(request, stored);
    check_vary(request, stored);
    check_validation(stored, response);
    check_validation(stored, request);

    const auto directives = cache::request_directives::honoured;
    const auto reason = cache::storable(exchange, fresh, directives, &stored);
    BOOST_ASSERT(!cache::explain(reason).empty());
    const cache::reuse_decision decision =
        cache::decide_reuse(request, stored, fresh, directives, now);
    if (cache::is_plain_hit(request, fresh, directives, now)) {
        BOOST_ASSERT(decision.action == cache::reuse_action::serve);
        BOOST_ASSERT(!cache::is_not_modified(request, stored));
    }
    if (cache::classify(exchange, fresh) != cache::sharing_class::node_local) {
        BOOST_ASSERT(fresh.is_fresh(now));
        BOOST_ASSERT(!request.contains(cache::field::cookie));
    }
    BOOST_ASSERT(cache::is_plain(cache::canonical_request(request)));
    cache::not_modified_fields(stored);
    cache::invalidated_keys(
        {.scheme = "http", .host = "a.example", .port = 80, .target = "/a/b?c"}, response);
    return 0;
}
