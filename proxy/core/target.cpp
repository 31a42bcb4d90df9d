#include "proxy/core/target.hpp"

#include "proxy/core/coral_name.hpp"
#include "proxy/core/host.hpp"
#include "proxy/http1/ascii.hpp"
#include "proxy/http1/authority.hpp"
#include "proxy/http1/request_target.hpp"

#include <boost/assert.hpp>

#include <algorithm>
#include <optional>
#include <utility>

namespace proxy {
namespace {

using boost::beast::http::verb;
using http1::request_head;
using http1::target_form;
using resolution = boost::system::result<target, target_refusal>;

constexpr std::uint16_t http_port = 80;
constexpr std::uint16_t https_port = 443;

// The authority of a request, its host canonical.
struct named_host
{
    std::string host;
    std::optional<std::uint16_t> port;
};

std::optional<named_host> canonical_authority(std::string_view text)
{
    const std::optional<http1::authority_view> authority = http1::parse_authority(text);
    if (!authority) {
        return std::nullopt;
    }
    std::optional<std::string> host = canonical_host(authority->host);
    if (!host) {
        return std::nullopt;
    }
    return named_host{std::move(*host), authority->port};
}

// "%2f" -> "%2F" up to the query. A '%' that begins no octet stays: it is the origin's to judge.
std::string normalize_path(std::string_view path_and_query)
{
    std::string path{path_and_query};
    const std::size_t end = std::min(path.find('?'), path.size());
    for (std::size_t i = 0; i + 2 < end; ++i) {
        if (path[i] != '%' || http1::hex_value(path[i + 1]) < 0 ||
            http1::hex_value(path[i + 2]) < 0) {
            continue;
        }
        for (const std::size_t digit : {i + 1, i + 2}) {
            if (path[digit] >= 'a') {
                path[digit] = static_cast<char>(path[digit] - 'a' + 'A');
            }
        }
        i += 2;
    }
    if (!path.starts_with('/') && path != "*") {
        path.insert(0, "/");  // an absolute-form target may have no path (RFC 9110, section 4.2.3)
    }
    return path;
}

resolution resolve_tunnel(const request_head& request)
{
    std::optional<named_host> named = canonical_authority(request.target);
    if (!named || !named->port) {
        return target_refusal::malformed;
    }
    if (*named->port != https_port) {
        return target_refusal::tunnel_port;
    }
    target found;
    found.way = way_in::tunnel;
    found.scheme.clear();
    found.host = std::move(named->host);
    found.port = *named->port;
    return found;
}

resolution resolve_coralized(const request_head& request,
    std::string_view name,
    std::string_view authority,
    std::string path)
{
    std::optional<coral_origin> from = parse_coral_name(name);
    if (!from) {
        return target_refusal::malformed;
    }
    if (request.verb != verb::get && request.verb != verb::head) {
        return target_refusal::method_not_allowed;
    }
    // Browsers send it with every script of a service worker; no page needs it otherwise.
    if (request.fields.contains("Service-Worker")) {
        return target_refusal::service_worker;
    }
    return target{way_in::coralized,
        std::move(from->scheme),
        std::move(from->host),
        from->port,
        std::move(path),
        std::string{authority}};
}

resolution resolve_absolute(const request_head& request, const target_rules& rules)
{
    const std::optional<http1::absolute_target_view> parts =
        http1::split_absolute_target(request.target);
    if (!parts) {
        return target_refusal::malformed;
    }
    const bool https = http1::equal_without_case(parts->scheme, "https");
    if (!https && !http1::equal_without_case(parts->scheme, "http")) {
        return target_refusal::unsupported_scheme;
    }
    std::optional<named_host> named = canonical_authority(parts->authority);
    if (!named) {
        return target_refusal::malformed;
    }
    // The server as a whole, written for a proxy (RFC 9112, section 3.2.4).
    const bool whole_server = request.verb == verb::options && parts->path_and_query.empty();
    std::string path = whole_server ? "*" : normalize_path(parts->path_and_query);
    const std::optional<std::string_view> name = name_before_suffix(named->host, rules.suffix);
    if (name && !https) {
        return resolve_coralized(request, *name, parts->authority, std::move(path));
    }
    return target{way_in::forward,
        https ? "https" : "http",
        std::move(named->host),
        named->port.value_or(https ? https_port : http_port),
        std::move(path),
        {}};
}

// See resolve_target. Null if there is none; `named` is null without a Host.
const route* choose_route(const named_host* named, const std::vector<route>& routes)
{
    const bool single = routes.size() == 1;
    if (named == nullptr) {
        return single ? &routes.front() : nullptr;
    }
    const std::uint16_t port = named->port.value_or(http_port);
    const route* same_host = nullptr;
    std::size_t same_hosts = 0;
    for (const route& candidate : routes) {
        if (candidate.host != named->host) {
            continue;
        }
        if (candidate.port == port) {
            return &candidate;
        }
        same_host = &candidate;
        ++same_hosts;
    }
    if (same_hosts == 1) {
        return same_host;
    }
    const bool means_this_peer = is_address_literal(named->host) || named->host == "localhost";
    return single && means_this_peer ? &routes.front() : nullptr;
}

resolution resolve_by_host(const request_head& request, const target_rules& rules)
{
    const std::optional<std::string_view> field = request.fields.first(cache::field::host);
    std::optional<named_host> named;
    if (field) {
        named = canonical_authority(*field);
        if (!named) {
            return target_refusal::malformed;
        }
        const std::optional<std::string_view> name = name_before_suffix(named->host, rules.suffix);
        if (name) {
            return resolve_coralized(request, *name, *field, normalize_path(request.target));
        }
    }
    const route* chosen = choose_route(named ? &*named : nullptr, rules.routes);
    if (chosen == nullptr) {
        return target_refusal::misdirected;
    }
    return target{way_in::reverse,
        chosen->scheme,
        chosen->host,
        chosen->port,
        normalize_path(request.target),
        {}};
}

}  // namespace

std::string target::authority() const
{
    const bool is_default =
        (scheme == "http" && port == http_port) || (scheme == "https" && port == https_port);
    return is_default ? host : host + ":" + std::to_string(port);
}

unsigned status_for(target_refusal refusal)
{
    switch (refusal) {
    case target_refusal::method_not_allowed: return 405;
    case target_refusal::tunnel_port:
    case target_refusal::service_worker: return 403;
    case target_refusal::misdirected: return 421;
    case target_refusal::malformed:
    case target_refusal::unsupported_scheme: break;
    }
    return 400;
}

std::string_view explain(target_refusal refusal)
{
    switch (refusal) {
    case target_refusal::malformed: return "The request names no valid host, address or port.";
    case target_refusal::method_not_allowed:
        return "Only GET and HEAD are possible through a name with the suffix of this network.";
    case target_refusal::tunnel_port: return "Tunnels are made to port 443 only.";
    case target_refusal::misdirected:
        return "This is a caching proxy: use it as an HTTP proxy, or append its suffix to the name "
               "of the site.";
    case target_refusal::service_worker:
        return "Service workers are not possible through a name with the suffix of this network.";
    case target_refusal::unsupported_scheme: return "Only http and https URLs are fetched.";
    }
    return "The request was refused.";
}

boost::system::result<target, target_refusal> resolve_target(
    const http1::request_head& request, const target_rules& rules)
{
    switch (request.form) {
    case target_form::authority: return resolve_tunnel(request);
    case target_form::absolute: return resolve_absolute(request, rules);
    case target_form::origin:
    case target_form::asterisk: break;
    }
    return resolve_by_host(request, rules);
}

}  // namespace proxy
