#include "cache/policy/freshness.hpp"

#include "cache/policy/cache_control.hpp"
#include "cache/policy/grammar.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace cache {
namespace {

using std::chrono::seconds;

// Section 4.2.2 suggests a tenth of the time since the last modification and leaves the limit open;
// a day is what most caches take.
constexpr int heuristic_fraction = 10;
constexpr seconds heuristic_limit = std::chrono::hours{24};

// Heuristically cacheable (RFC 9110, section 15.1), less 206, which is not stored, and less 405,
// 414 and 501, which are passing errors.
constexpr std::array heuristic_statuses{200U, 203U, 204U, 300U, 301U, 308U, 404U, 410U};

constexpr std::array passing_errors{400U, 403U, 405U, 408U, 413U, 414U, 416U, 421U, 429U, 431U};

template <std::size_t Size>
bool contains(const std::array<unsigned, Size>& statuses, unsigned status)
{
    return std::find(statuses.begin(), statuses.end(), status) != statuses.end();
}

seconds clamp_lifetime(seconds lifetime)
{
    return std::clamp(lifetime, seconds{0}, max_delta_seconds);
}

// Expires - Date. An Expires that is no date, as "0", or that comes twice means "already expired"
// (section 5.3).
seconds expires_lifetime(const stored_response& stored, std::chrono::sys_seconds date)
{
    if (stored.fields.count(field::expires) != 1) {
        return seconds{0};
    }
    const auto expires =
        parse_http_date(*stored.fields.first(field::expires), stored.response_time);
    return expires ? clamp_lifetime(*expires - date) : seconds{0};
}

seconds heuristic_lifetime(
    const stored_response& stored, const cache_control& directives, std::chrono::sys_seconds date)
{
    const bool allowed = contains(heuristic_statuses, stored.status) ||
                         (directives.is_public && !is_passing_error(stored.status));
    if (!allowed || stored.fields.count(field::last_modified) != 1) {
        return seconds{0};
    }
    const auto modified =
        parse_http_date(*stored.fields.first(field::last_modified), stored.response_time);
    if (!modified) {
        return seconds{0};
    }
    return std::min(clamp_lifetime(date - *modified) / heuristic_fraction, heuristic_limit);
}

// The lifetime that the response states for a shared cache (section 4.2.1: s-maxage, then max-age,
// then Expires).
std::optional<seconds> explicit_lifetime(
    const stored_response& stored, const response_directives& said, std::chrono::sys_seconds date)
{
    const cache_control& directives = said.directives;
    if (directives.s_maxage) {
        return directives.s_maxage;
    }
    if (directives.max_age) {
        return directives.max_age;
    }
    if (stored.fields.contains(field::expires) && !said.are_targeted) {
        return expires_lifetime(stored, date);
    }
    return std::nullopt;
}

std::chrono::sys_seconds date_of(const stored_response& stored)
{
    const auto received = std::chrono::floor<seconds>(stored.response_time);
    const auto line = stored.fields.first(field::date);
    return line ? parse_http_date(*line, stored.response_time).value_or(received) : received;
}

}  // namespace

bool is_passing_error(unsigned status)
{
    return status >= 500 || contains(passing_errors, status);
}

freshness evaluate_freshness(const stored_response& stored)
{
    const response_directives said = parse_response_directives(stored.fields);
    const cache_control& directives = said.directives;
    const std::chrono::sys_seconds date = date_of(stored);
    const std::optional<seconds> stated = explicit_lifetime(stored, said, date);

    freshness result;
    result.is_explicit = stated.has_value();
    result.lifetime = stated ? *stated : heuristic_lifetime(stored, directives, date);
    result.always_validate = directives.no_cache || stored.invalidated;
    // s-maxage implies proxy-revalidate (section 5.2.2.10).
    result.stale_forbidden = result.always_validate || directives.must_revalidate ||
                             directives.proxy_revalidate || directives.s_maxage.has_value();
    if (!result.stale_forbidden) {
        result.refresh_window = directives.stale_while_revalidate.value_or(seconds{0});
    }
    if (!result.always_validate) {
        result.fresh_until =
            stored.response_time + (result.lifetime - stored.corrected_initial_age);
    }
    if (stored.outdated) {
        result.fresh_until = std::min(result.fresh_until, stored.response_time);
    }
    return result;
}

}  // namespace cache
