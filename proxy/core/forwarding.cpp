#include "proxy/core/forwarding.hpp"

#include "cache/policy/grammar.hpp"
#include "proxy/core/coral_name.hpp"
#include "proxy/core/host.hpp"
#include "proxy/http1/authority.hpp"
#include "proxy/http1/list_members.hpp"
#include "proxy/http1/request_target.hpp"

#include <boost/assert.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

namespace proxy {
namespace {

using cache::field;
using http1::equal_without_case;

constexpr std::string_view cdn_loop = "CDN-Loop";

bool is_hop_by_hop(field id)
{
    switch (id) {
    case field::connection:
    case field::content_length:
    case field::http2_settings:
    case field::keep_alive:
    case field::proxy_authenticate:
    case field::proxy_authentication_info:
    case field::proxy_authorization:
    case field::proxy_connection:
    case field::te:
    case field::trailer:
    case field::transfer_encoding:
    case field::upgrade: return true;
    default: return false;
    }
}

// Fields that Connection can't remove. Naming them is an attack or a mistake: "a sender MUST NOT
// send a connection option corresponding to a field that is intended for all recipients" (RFC 9110,
// section 7.6.1). Naming Host, Cookie or Authorization has bypassed checks of many proxies
// (CVE-2022-45059).
constexpr std::array<std::string_view, 42> end_to_end_names{"Accept",
    "Accept-Encoding",
    "Accept-Language",
    "Age",
    "Authorization",
    "Cache-Control",
    "Cache-Status",
    "CDN-Cache-Control",
    "CDN-Loop",
    "Content-Disposition",
    "Content-Encoding",
    "Content-Language",
    "Content-Location",
    "Content-Range",
    "Content-Security-Policy",
    "Content-Type",
    "Cookie",
    "Date",
    "ETag",
    "Expect",
    "Expires",
    "Forwarded",
    "Host",
    "If-Match",
    "If-Modified-Since",
    "If-None-Match",
    "If-Range",
    "If-Unmodified-Since",
    "Last-Modified",
    "Location",
    "Max-Forwards",
    "Origin",
    "Pragma",
    "Range",
    "Set-Cookie",
    "Vary",
    "Via",
    "WWW-Authenticate",
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "X-Forwarded-Proto",
    "X-Real-IP"};

// Fields that say where a message ends, where it goes or from where it came, of more than one word.
constexpr std::array<std::string_view, 18> guarded_names{"CDN-Loop",
    "Content-Length",
    "HTTP2-Settings",
    "Keep-Alive",
    "Max-Forwards",
    "Proxy-Authorization",
    "Proxy-Connection",
    "Transfer-Encoding",
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "X-Forwarded-Port",
    "X-Forwarded-Proto",
    "X-Forwarded-Server",
    "X-HTTP-Method-Override",
    "X-Original-Host",
    "X-Original-URL",
    "X-Real-IP",
    "X-Rewrite-URL"};

constexpr std::array<std::string_view, 12> override_names{"X-Forwarded-Host",
    "X-Forwarded-Path",
    "X-Forwarded-Prefix",
    "X-Forwarded-Scheme",
    "X-Forwarded-Server",
    "X-Host",
    "X-HTTP-Method",
    "X-HTTP-Method-Override",
    "X-Method-Override",
    "X-Original-Host",
    "X-Original-URL",
    "X-Rewrite-URL"};

template <class Names>
bool holds(const Names& names, std::string_view wanted)
{
    return std::any_of(names.begin(), names.end(), [wanted](std::string_view name) {
        return equal_without_case(name, wanted);
    });
}

bool equal_with_hyphens(std::string_view name, std::string_view guarded)
{
    return name.size() == guarded.size() &&
           std::equal(name.begin(), name.end(), guarded.begin(), [](char a, char b) {
               return http1::to_lower(a == '_' ? '-' : a) == http1::to_lower(b);
           });
}

bool imitates_guarded_name(std::string_view name)
{
    return name.find('_') != std::string_view::npos &&
           std::any_of(guarded_names.begin(),
               guarded_names.end(),
               [name](std::string_view guarded) { return equal_with_hyphens(name, guarded); });
}

// What Connection names, as far as it may.
std::vector<std::string_view> nominated_names(const cache::field_section& fields)
{
    std::vector<std::string_view> names;
    for (const cache::field_section::line line : fields) {
        if (line.id != field::connection) {
            continue;
        }
        http1::for_each_list_member(line.value, [&names](std::string_view option) {
            const bool about_the_connection = option.empty() ||
                                              equal_without_case(option, "close") ||
                                              equal_without_case(option, "keep-alive");
            if (!about_the_connection && !holds(end_to_end_names, option)) {
                names.push_back(option);
            }
        });
    }
    return names;
}

// Whether text holds word, and not as a part of a longer one.
bool holds_word(std::string_view text, std::string_view word)
{
    const auto continues = [](char c) { return http1::is_octet_of(http1::token_octet, c); };
    for (std::size_t at = text.find(word); at != std::string_view::npos;
         at = text.find(word, at + 1)) {
        const std::size_t end = at + word.size();
        const bool begins = at == 0 || !continues(text[at - 1]);
        const bool ends = end == text.size() || !continues(text[end]);
        if (begins && ends) {
            return true;
        }
    }
    return false;
}

bool is_loop_field(const cache::field_section::line& line)
{
    return line.id == field::via || equal_without_case(line.name, cdn_loop);
}

// The origin that a host under the suffix stands for.
std::optional<coral_origin> origin_of(std::string_view host, std::string_view suffix)
{
    const std::optional<std::string> canonical = canonical_host(host);
    if (!canonical) {
        return std::nullopt;
    }
    const std::optional<std::string_view> name = name_before_suffix(*canonical, suffix);
    return name ? parse_coral_name(*name) : std::nullopt;
}

// Location with an authority of its own ("//host/path" has the scheme of the page) in its parts.
std::optional<http1::absolute_target_view> split_location(
    std::string_view location, std::string_view scheme_of_page, std::string& buffer)
{
    if (location.starts_with("//")) {
        buffer.assign(scheme_of_page).append(":").append(location);
        return http1::split_absolute_target(buffer);
    }
    return http1::split_absolute_target(location);
}

std::optional<std::string> coralize_location(
    std::string_view location, std::string_view suffix, const http1::authority_view& page)
{
    const std::optional<coral_origin> from = origin_of(page.host, suffix);
    std::string buffer;
    const std::optional<http1::absolute_target_view> parts =
        split_location(location, from ? from->scheme : "http", buffer);
    if (!parts) {
        return std::nullopt;  // relative: stays inside by itself
    }
    const bool https = equal_without_case(parts->scheme, "https");
    const std::optional<http1::authority_view> authority = http1::parse_authority(parts->authority);
    if (!authority || !(https || equal_without_case(parts->scheme, "http"))) {
        return std::nullopt;
    }
    const std::optional<std::string> host = canonical_host(authority->host);
    if (!host || name_before_suffix(*host, suffix)) {
        return std::nullopt;  // inside already, or nothing that we could ask for
    }
    constexpr std::uint16_t http_port = 80;
    constexpr std::uint16_t https_port = 443;
    const std::uint16_t port = authority->port.value_or(https ? https_port : http_port);
    const std::optional<std::string> name =
        coral_name(coral_origin{https ? "https" : "http", *host, port});
    const std::string coralized = name.value_or("") + "." + std::string{suffix};
    if (!name || !canonical_host(coralized)) {  // it may be too long now
        return std::nullopt;
    }
    std::string rewritten = "http://" + coralized;
    if (page.port) {
        rewritten += ":" + std::to_string(*page.port);
    }
    return rewritten.append(parts->path_and_query);
}

}  // namespace

void remove_hop_by_hop(cache::field_section& fields)
{
    const std::vector<std::string_view> nominated = nominated_names(fields);
    fields.erase_if([&nominated](const cache::field_section::line& line) {
        return is_hop_by_hop(line.id) || holds(nominated, line.name) ||
               imitates_guarded_name(line.name);
    });
}

void remove_overrides(cache::field_section& request)
{
    request.erase_if(
        [](const cache::field_section::line& line) { return holds(override_names, line.name); });
}

bool has_passed(const cache::field_section& request, std::string_view pseudonym)
{
    BOOST_ASSERT(cache::is_token(pseudonym));
    return std::any_of(
        request.begin(), request.end(), [pseudonym](const cache::field_section::line& line) {
            return is_loop_field(line) && holds_word(line.value, pseudonym);
        });
}

std::size_t hops(const cache::field_section& request)
{
    std::size_t count = 0;
    for (const cache::field_section::line line : request) {
        if (line.id == field::via) {
            http1::for_each_list_member(line.value,
                [&count](std::string_view member) { count += member.empty() ? 0U : 1U; });
        }
    }
    return count;
}

bool may_pass_on(boost::beast::http::verb method, cache::field_section& request)
{
    using boost::beast::http::verb;
    const std::optional<std::string_view> text = request.first(field::max_forwards);
    if (!text || (method != verb::trace && method != verb::options)) {
        return true;
    }
    const auto left = cache::parse_delta_seconds(*text);  // the same grammar: digits
    if (!left || request.count(field::max_forwards) != 1) {
        request.erase(field::max_forwards);
        return true;
    }
    if (left->count() == 0) {
        return false;
    }
    request.set(field::max_forwards, std::to_string(left->count() - 1));
    return true;
}

void add_via(cache::field_section& fields, std::string_view pseudonym, unsigned minor_version)
{
    BOOST_ASSERT(cache::is_token(pseudonym));
    std::string member = minor_version == 0 ? "1.0 " : "1.1 ";
    fields.add(field::via, member.append(pseudonym));
}

void add_cdn_loop(cache::field_section& request, std::string_view pseudonym)
{
    BOOST_ASSERT(cache::is_token(pseudonym));
    request.add(cdn_loop, pseudonym);
}

void coralize_response(
    cache::field_section& response, std::string_view suffix, std::string_view coral_authority)
{
    response.erase_if([](const cache::field_section::line& line) {
        return line.id == field::set_cookie || line.id == field::alt_svc ||
               line.id == field::strict_transport_security ||
               equal_without_case(line.name, "Service-Worker-Allowed");
    });
    const std::optional<std::string_view> location = response.first(field::location);
    const std::optional<http1::authority_view> page = http1::parse_authority(coral_authority);
    if (!location || !page) {
        return;
    }
    const std::optional<std::string> rewritten = coralize_location(*location, suffix, *page);
    if (rewritten) {
        response.set(field::location, *rewritten);
    }
}

}  // namespace proxy
