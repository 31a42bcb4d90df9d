#include "cache/policy/sharing.hpp"

#include "cache/policy/cache_control.hpp"
#include "cache/policy/content_coding.hpp"
#include "cache/policy/grammar.hpp"

#include <algorithm>

namespace cache {
namespace {

bool has_prefix(std::string_view name, std::string_view prefix)
{
    return equal_without_case(name.substr(0, prefix.size()), prefix);
}

bool is_plain_field(const field_section::line& line)
{
    switch (line.id) {
    case field::accept:
    case field::cache_control:
    case field::host:
    case field::if_modified_since:
    case field::if_none_match:
    case field::if_range:
    case field::origin:
    case field::pragma:
    case field::priority:
    case field::range:
    case field::referer:
    case field::user_agent:
    // Of one hop only; never sent on.
    case field::connection:
    case field::http2_settings:
    case field::keep_alive:
    case field::proxy_connection:
    case field::te:
    case field::upgrade: return true;
    default: break;
    }
    return has_prefix(line.name, "accept-") || has_prefix(line.name, "sec-") ||
           equal_without_case(line.name, "dnt") ||
           equal_without_case(line.name, "upgrade-insecure-requests");
}

// Vary names nothing but fields that are in the key: Origin always is, Accept-Encoding is as the
// variant.
bool varies_within_key(const field_section& response)
{
    list_members_view names{response, field::vary};
    while (const std::optional<std::string_view> name = names.next()) {
        if (!equal_without_case(*name, "accept-encoding") && !equal_without_case(*name, "origin")) {
            return false;
        }
    }
    return true;
}

}  // namespace

bool is_plain(const field_section& request)
{
    return std::all_of(request.begin(), request.end(), is_plain_field);
}

field_section canonical_request(const field_section& request)
{
    field_section canonical;
    canonical.add(field::accept, "*/*");
    canonical.add(field::accept_encoding, accept_encoding_for(accepted_codings(request)));
    for (const field_section::line line : request) {
        if (line.id == field::origin) {
            canonical.add(field::origin, line.value);
        }
    }
    return canonical;
}

bool depends_on_dropped_field(const field_section& response)
{
    return !varies_within_key(response);
}

sharing_class classify(const exchange_view& exchange, const freshness& fresh)
{
    // An error is never announced: a peer that was refused must not refuse for everybody.
    constexpr unsigned first_error = 400;
    const cache_control directives = parse_response_directives(exchange.response).directives;
    const bool trusted =
        exchange.status >= 200 && exchange.status < first_error && fresh.is_explicit &&
        fresh.is_fresh(exchange.response_time) && !directives.no_store && !directives.is_private &&
        is_plain(exchange.request) && !exchange.response.contains(field::set_cookie) &&
        varies_within_key(exchange.response);
    return trusted ? sharing_class::trusted : sharing_class::node_local;
}

std::string_view index_variant(const field_section& request, const field_section& response)
{
    list_members_view names{response, field::vary};
    while (const std::optional<std::string_view> name = names.next()) {
        if (equal_without_case(*name, "accept-encoding")) {
            return name_of(accepted_codings(request));
        }
    }
    return {};
}

}  // namespace cache
