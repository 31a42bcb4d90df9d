#include "cache/policy/stored_response.hpp"

#include "cache/policy/age.hpp"
#include "cache/policy/grammar.hpp"
#include "cache/policy/vary.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

namespace cache {
namespace {

constexpr std::array unstorable{field::age,
    field::connection,
    field::content_length,
    field::http2_settings,
    field::keep_alive,
    field::proxy_authenticate,
    field::proxy_authentication_info,
    field::proxy_authorization,
    field::proxy_connection,
    field::te,
    field::trailer,
    field::transfer_encoding,
    field::upgrade};

// What decides over reuse is not the sender's to remove: a response that names Cache-Control in
// Connection would live longer in the store than its origin said.
constexpr std::array kept_though_named{field::cache_control,
    field::date,
    field::etag,
    field::expires,
    field::last_modified,
    field::set_cookie,
    field::vary};

template <std::size_t Size>
bool contains(const std::array<field, Size>& ids, field id)
{
    return std::find(ids.begin(), ids.end(), id) != ids.end();
}

}  // namespace

void remove_unstorable_fields(field_section& response)
{
    std::vector<std::string> named;
    list_members_view options{response, field::connection};
    while (const std::optional<std::string_view> option = options.next()) {
        if (!contains(kept_though_named, boost::beast::http::string_to_field(*option))) {
            named.emplace_back(*option);
        }
    }
    response.erase_if(
        [](const field_section::line& line) { return contains(unstorable, line.id); });
    for (const std::string& name : named) {
        response.erase(name);
    }
}

std::chrono::sys_seconds ensure_date(field_section& response, wall_time response_time)
{
    if (response.count(field::date) == 1) {
        const auto date = parse_http_date(*response.first(field::date), response_time);
        if (date) {
            return *date;
        }
    }
    const auto received = std::chrono::floor<std::chrono::seconds>(response_time);
    response.set(field::date, format_http_date(received));
    return received;
}

stored_response make_stored_response(const exchange_view& exchange)
{
    stored_response made;
    made.status = static_cast<std::uint16_t>(exchange.status);
    made.fields = exchange.response;
    made.request_time = exchange.request_time;
    made.response_time = exchange.response_time;
    const std::chrono::sys_seconds date = ensure_date(made.fields, exchange.response_time);
    made.corrected_initial_age = corrected_initial_age(
        received_age(made.fields), date, exchange.request_time, exchange.response_time);
    made.selecting_fields = selecting_fields(exchange.request, exchange.response);
    remove_unstorable_fields(made.fields);
    return made;
}

}  // namespace cache
