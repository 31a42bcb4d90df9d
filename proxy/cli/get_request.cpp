#include "proxy/cli/get_request.hpp"

#include "proxy/http1/authority.hpp"
#include "proxy/http1/serializer.hpp"

#include <algorithm>

namespace proxy {
namespace {

// The parameters of the last member of the list, which is that of the nearest cache (RFC 9211,
// section 2): "atoll-1;hit;detail=disk". Quoted strings may hold commas and semicolons.
std::string_view last_member(std::string_view list)
{
    std::size_t start = 0;
    bool quoted = false;
    for (std::size_t i = 0; i < list.size(); ++i) {
        if (quoted && list[i] == '\\') {
            ++i;
        } else if (list[i] == '"') {
            quoted = !quoted;
        } else if (list[i] == ',' && !quoted) {
            start = i + 1;
        }
    }
    return list.substr(start);
}

// The value of a parameter, "" if it has none; nothing if the member does not have it.
std::optional<std::string_view> parameter(std::string_view member, std::string_view name)
{
    while (!member.empty()) {
        const std::size_t end = std::min(member.find(';'), member.size());
        std::string_view part = member.substr(0, end);
        part.remove_prefix(std::min(part.find_first_not_of(' '), part.size()));
        const std::size_t equals = std::min(part.find('='), part.size());
        if (part.substr(0, equals) == name) {
            return part.substr(std::min(equals + 1, part.size()));
        }
        member.remove_prefix(std::min(end + 1, member.size()));
    }
    return std::nullopt;
}

std::string source_in_words(std::string_view source, std::string_view member)
{
    if (source == "memory" || source == "disk") {
        return "this peer's " + std::string{source};
    }
    if (source == "peer") {
        return "another peer";
    }
    if (source == "origin") {
        return "the origin";
    }
    if (parameter(member, "hit")) {
        return "this peer's cache";
    }
    return parameter(member, "fwd") ? "beyond this peer" : "a cache that does not say whence";
}

}  // namespace

std::optional<std::string> get_request(std::string_view url, bool only_if_cached)
{
    url = url.substr(0, url.find('#'));
    const bool visible =
        std::all_of(url.begin(), url.end(), [](char c) { return c > 0x20 && c < 0x7F; });
    const std::size_t scheme_end = url.find("://");
    if (!visible || scheme_end == std::string_view::npos) {
        return std::nullopt;
    }
    const std::string_view scheme = url.substr(0, scheme_end);
    const std::string_view rest = url.substr(scheme_end + 3);
    const std::size_t path = std::min(rest.find_first_of("/?"), rest.size());
    const std::string authority{rest.substr(0, path)};
    if ((scheme != "http" && scheme != "https") || !http1::parse_authority(authority)) {
        return std::nullopt;
    }
    const std::string slash = path < rest.size() && rest[path] == '/' ? "" : "/";
    std::string head;
    http1::append_request_line(head,
        "GET",
        std::string{scheme} + "://" + authority + slash + std::string{rest.substr(path)});
    http1::append_field(head, "Host", authority);
    http1::append_field(head, "User-Agent", "atoll/" ATOLL_VERSION);
    http1::append_field(head, "Accept", "*/*");
    if (only_if_cached) {
        http1::append_field(head, "Cache-Control", "only-if-cached");
    }
    http1::append_field(head, "Connection", "close");
    http1::append_end_of_head(head);
    return head;
}

std::string source_of(std::string_view cache_status)
{
    const std::string_view member = last_member(cache_status);
    // "origin/private": the source, and a reason where there is one.
    const std::string_view detail = parameter(member, "detail").value_or("");
    const std::size_t slash = std::min(detail.find('/'), detail.size());
    std::string words = source_in_words(detail.substr(0, slash), member);
    if (slash < detail.size()) {
        words.append(" (").append(detail.substr(slash + 1)).append(")");
    }
    return parameter(member, "collapsed") ? words + ", in a fetch under way" : words;
}

}  // namespace proxy
