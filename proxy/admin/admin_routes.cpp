#include "proxy/admin/admin_routes.hpp"

#include "proxy/admin/metrics_text.hpp"
#include "proxy/admin/status_json.hpp"
#include "proxy/http1/authority.hpp"
#include "proxy/http1/serializer.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/url/parse_query.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

namespace proxy {
namespace {

using boost::asio::ip::address;
using boost::beast::http::verb;

constexpr std::string_view plain_text = "text/plain; charset=utf-8";

constexpr std::array<std::pair<std::string_view, cache::purge_scope>, 3> purge_scopes{{
    {"url", cache::purge_scope::url},
    {"host", cache::purge_scope::host},
    {"tag", cache::purge_scope::tag},
}};

plain_response page(unsigned status, std::string_view content_type, std::string body)
{
    plain_response out{status, std::string{content_type}, std::move(body), ""};
    http1::append_field(out.extra_fields,
        "Content-Security-Policy",
        "default-src 'none'; style-src 'unsafe-inline'");
    return out;
}

// The request's authority and path. An absolute-form target overrides Host (RFC 9112, 3.2.2).
struct addressed
{
    std::string_view authority;
    std::string_view path;
    std::string_view query;
};

addressed address_of(const http1::request_head& request)
{
    std::string_view target = request.target;
    std::string_view authority = request.fields.first(cache::field::host).value_or("");
    if (request.form == http1::target_form::absolute) {
        target.remove_prefix(std::min(target.find("://") + 3, target.size()));
        const std::size_t path = std::min(target.find_first_of("/?"), target.size());
        authority = target.substr(0, path);
        target.remove_prefix(path);
    }
    const std::size_t question = std::min(target.find('?'), target.size());
    const std::size_t query = std::min(question + 1, target.size());
    return {authority, target.substr(0, question), target.substr(query)};
}

std::optional<address> literal(std::string_view host)
{
    if (host.starts_with('[') && host.ends_with(']')) {
        host = host.substr(1, host.size() - 2);
    }
    boost::system::error_code error;
    const address parsed = boost::asio::ip::make_address(std::string{host}, error);
    return error ? std::nullopt : std::optional{parsed};
}

bool is_localhost(std::string_view host)
{
    constexpr std::string_view name = "localhost";
    return host.size() == name.size() &&
           std::equal(host.begin(), host.end(), name.begin(), [](char c, char lower) {
               return (c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c) == lower;
           });
}

bool may_ask(std::string_view authority, const address& listener)
{
    const auto parsed = http1::parse_authority(authority);
    if (!parsed) {
        return false;
    }
    if (is_localhost(parsed->host)) {
        return true;
    }
    const std::optional<address> asked = literal(parsed->host);
    return asked && (asked->is_loopback() || *asked == listener || listener.is_unspecified());
}

refused_action judge_action(const http1::request_head& request)
{
    if (request.verb != verb::post) {
        return {405, "this is done by POST"};
    }
    if (request.fields.contains("Origin") || request.fields.contains("Sec-Fetch-Site")) {
        return {403, "web pages may not do this"};
    }
    return {};
}

plain_response ready_page(const node_report& report)
{
    if (report.ready()) {
        return page(200, plain_text, "ready\n");
    }
    return page(503, plain_text, report.draining ? "draining\n" : "the store is opening\n");
}

// The address that clients reach us at: where we listen on all, the one this client has used.
std::string proxy_address(const node_report& report, std::string_view authority)
{
    if (!report.client.address.is_unspecified()) {
        return to_string(report.client);
    }
    const auto used = http1::parse_authority(authority);
    return std::string{used ? used->host : "127.0.0.1"} + ":" + std::to_string(report.client.port);
}

// https goes direct: a tunnel spares nobody anything. Coralized names are this proxy's already.
plain_response proxy_pac(const node_report& report, std::string_view authority)
{
    const std::string body =
        "function FindProxyForURL(url, host) {\n"
        "    if (url.substring(0, 5) != \"http:\" || isPlainHostName(host) ||\n"
        "        dnsDomainIs(host, \"." +
        report.suffix +
        "\")) {\n"
        "        return \"DIRECT\";\n"
        "    }\n"
        "    return \"PROXY " +
        proxy_address(report, authority) +
        "; DIRECT\";\n"
        "}\n";
    return page(200, "application/x-ns-proxy-autoconfig", body);
}

plain_response index_page(const node_report& report)
{
    std::string body =
        "<!doctype html><html lang=\"en\"><title>atoll</title>"
        "<style>body{font:16px sans-serif;margin:3em}</style>"
        "<h1>" +
        report.pseudonym + "</h1><ul>";
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 5> links{{
        {"/v1/status", "what it holds, knows and has spared, as JSON"},
        {"/metrics", "for Prometheus"},
        {"/readyz", "whether it is ready"},
        {"/livez", "whether it is alive"},
        {"/proxy.pac", "proxy configuration for browsers"},
    }};
    for (const auto& [path, what] : links) {
        body.append("<li><a href=\"").append(path).append("\">").append(path).append("</a>: ");
        body.append(what).append("</li>");
    }
    return page(200, "text/html; charset=utf-8", body + "</ul></html>\n");
}

}  // namespace

std::optional<lookup_question> asked_lookup(
    const http1::request_head& request, const host_port& listener)
{
    const addressed asked = address_of(request);
    const bool is_read = request.verb == verb::get || request.verb == verb::head;
    if (asked.path != "/v1/lookup" || !is_read || !may_ask(asked.authority, listener.address)) {
        return std::nullopt;
    }
    lookup_question out;
    const auto parameters = boost::urls::parse_query({asked.query.data(), asked.query.size()});
    if (!parameters) {
        return out;
    }
    for (const auto& one : *parameters) {
        if (one.key == "key") {
            out.key = one.value.decode();
        } else if (one.key == "url") {
            out.url = one.value.decode();
        }
    }
    return out;
}

std::optional<refused_action> asked_reload(
    const http1::request_head& request, const host_port& listener)
{
    const addressed asked = address_of(request);
    if (asked.path != "/v1/reload" || !may_ask(asked.authority, listener.address)) {
        return std::nullopt;
    }
    return judge_action(request);
}

std::optional<purge_question> asked_purge(
    const http1::request_head& request, const host_port& listener)
{
    const addressed asked = address_of(request);
    if (asked.path != "/v1/purge" || !may_ask(asked.authority, listener.address)) {
        return std::nullopt;
    }
    purge_question out;
    out.refused = judge_action(request);
    if (out.refused.status != 200) {
        return out;
    }
    const auto parameters = boost::urls::parse_query({asked.query.data(), asked.query.size()});
    std::size_t scopes = 0;
    if (parameters) {
        for (const auto& one : *parameters) {
            if (one.key == "soft") {
                out.order.is_soft = true;
                continue;
            }
            const auto* const known = std::find_if(purge_scopes.begin(),
                purge_scopes.end(),
                [&](const auto& scope) { return one.key == scope.first; });
            scopes += known == purge_scopes.end() ? 2U : 1U;
            out.order.what = one.value.decode();
            out.order.scope = known == purge_scopes.end() ? out.order.scope : known->second;
        }
    }
    if (scopes != 1 || out.order.what.empty()) {
        out.refused = {400, "expected one of ?url=, ?host= and ?tag=, and perhaps &soft"};
    }
    return out;
}

plain_response answer_admin(const http1::request_head& request,
    const host_port& listener,
    const std::function<node_report()>& look)
{
    const addressed asked = address_of(request);
    if (!may_ask(asked.authority, listener.address)) {
        return page(403, plain_text, "Ask for this page by localhost or by this address.\n");
    }
    // To HEAD the session writes the head alone.
    if (request.verb != verb::get && request.verb != verb::head) {
        plain_response refused = page(405, plain_text, "Only GET and HEAD are answered here.\n");
        http1::append_field(refused.extra_fields, "Allow", "GET, HEAD");
        return refused;
    }
    if (asked.path == "/livez") {
        return page(200, plain_text, "alive\n");
    }
    if (asked.path == "/readyz" || asked.path == "/healthz") {
        return ready_page(look());
    }
    if (asked.path == "/metrics") {
        return page(200, "text/plain; version=0.0.4; charset=utf-8", metrics_text(look()));
    }
    if (asked.path == "/v1/status") {
        return page(200, "application/json", status_json(look()));
    }
    if (asked.path == "/proxy.pac") {
        return proxy_pac(look(), asked.authority);
    }
    if (asked.path == "/" || asked.path.empty()) {
        return index_page(look());
    }
    return page(404, plain_text, "No such page; / lists them.\n");
}

}  // namespace proxy
