#include "cache/policy/invalidation.hpp"

#include "cache/policy/grammar.hpp"

#include <algorithm>

namespace cache {
namespace {

using boost::beast::http::verb;

bool is_safe(verb method)
{
    switch (method) {
    case verb::get:
    case verb::head:
    case verb::options:
    case verb::trace:
    case verb::propfind:
    case verb::report:
    case verb::search: return true;
    default: return false;
    }
}

// What a reference with an authority has after it, if scheme, host and port are those of the
// request; nothing if they are not.
std::optional<std::string_view> after_same_authority(
    std::string_view reference, const request_uri_view& uri)
{
    if (!reference.starts_with("//")) {
        const std::string_view scheme = reference.substr(0, uri.scheme.size());
        reference.remove_prefix(scheme.size());
        if (!equal_without_case(scheme, uri.scheme) || !reference.starts_with("://")) {
            return std::nullopt;
        }
        reference.remove_prefix(1);
    }
    reference.remove_prefix(2);
    const std::size_t end = std::min(reference.find_first_of("/?"), reference.size());
    std::string_view authority = reference.substr(0, end);
    if (!equal_without_case(authority.substr(0, uri.host.size()), uri.host)) {
        return std::nullopt;
    }
    authority.remove_prefix(uri.host.size());
    const std::uint16_t default_port = uri.scheme == "https" ? 443 : 80;
    const bool same_port = authority.empty() || authority == ":"
                               ? uri.port == default_port
                               : authority == ":" + std::to_string(uri.port);
    return same_port ? std::optional{reference.substr(end)} : std::nullopt;
}

bool has_authority(std::string_view reference)
{
    const std::size_t colon = reference.find(':');
    return reference.starts_with("//") || colon < reference.find_first_of("/?");
}

// A reference without an authority, put on the path of the request (RFC 3986, section 5.2.2).
std::string merge(std::string_view reference, std::string_view target)
{
    if (reference.starts_with('/')) {
        return std::string{reference};
    }
    const std::string_view path = target.substr(0, target.find('?'));
    const std::string_view base =
        reference.starts_with('?') ? path : path.substr(0, path.rfind('/') + 1);
    return std::string{base}.append(reference);
}

bool has_dot_segment(std::string_view target)
{
    std::string_view path = target.substr(0, target.find('?'));
    while (!path.empty()) {
        path.remove_prefix(1);  // the slash
        const std::string_view segment = path.substr(0, path.find('/'));
        if (segment == "." || segment == "..") {
            return true;
        }
        path.remove_prefix(segment.size());
    }
    return false;
}

// Keys hold %-escapes in upper case.
void escapes_to_upper_case(std::string& target)
{
    for (std::size_t i = 0; i + 2 < target.size(); ++i) {
        if (target[i] != '%') {
            continue;
        }
        for (const std::size_t digit : {i + 1, i + 2}) {
            if (target[digit] >= 'a' && target[digit] <= 'f') {
                target[digit] = static_cast<char>(target[digit] - 'a' + 'A');
            }
        }
    }
}

}  // namespace

// A client would resolve dot segments, but whether a stored key has them is not for us to guess.
std::optional<std::string> target_on_same_origin(
    std::string_view reference, const request_uri_view& uri)
{
    reference = reference.substr(0, reference.find('#'));
    const bool visible = std::all_of(
        reference.begin(), reference.end(), [](char c) { return c > 0x20 && c < 0x7f; });
    if (reference.empty() || !visible) {
        return std::nullopt;
    }
    std::string target;
    if (has_authority(reference)) {
        const std::optional<std::string_view> rest = after_same_authority(reference, uri);
        if (!rest) {
            return std::nullopt;
        }
        target = rest->starts_with('/') ? std::string{*rest} : std::string{"/"}.append(*rest);
    } else {
        target = merge(reference, uri.target);
    }
    if (!target.starts_with('/') || has_dot_segment(target)) {
        return std::nullopt;
    }
    escapes_to_upper_case(target);
    return target;
}

bool invalidates(verb method, unsigned status)
{
    return !is_safe(method) && status >= 200 && status < 400;
}

std::vector<cache_key> invalidated_keys(const request_uri_view& uri, const field_section& response)
{
    std::vector<cache_key> keys;
    keys.emplace_back(uri.scheme, uri.host, uri.port, uri.target);
    for (const field name : {field::location, field::content_location}) {
        const std::optional<std::string_view> reference = response.first(name);
        const auto target = reference ? target_on_same_origin(*reference, uri) : std::nullopt;
        if (target) {
            keys.emplace_back(uri.scheme, uri.host, uri.port, *target);
        }
    }
    return keys;
}

}  // namespace cache
