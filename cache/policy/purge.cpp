#include "cache/policy/purge.hpp"

#include "cache/policy/grammar.hpp"

#include <algorithm>

namespace cache {
namespace {

bool is_on_host(std::string_view url, std::string_view host)
{
    const std::size_t begin = url.find("://");
    if (begin == std::string_view::npos) {
        return false;
    }
    std::string_view authority = url.substr(begin + 3);
    authority = authority.substr(0, authority.find_first_of("/?"));
    if (equal_without_case(authority, host)) {
        return true;
    }
    // Without the port; the colons of an address in brackets belong to the host.
    const std::size_t colon = authority.rfind(':');
    const std::size_t bracket = authority.rfind(']');
    const bool has_port =
        colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
    return has_port && equal_without_case(authority.substr(0, colon), host);
}

bool has_word(std::string_view words, std::string_view wanted)
{
    while (!words.empty()) {
        const std::size_t end = std::min(words.find_first_of(" \t"), words.size());
        if (words.substr(0, end) == wanted) {
            return true;
        }
        words.remove_prefix(std::min(end + 1, words.size()));
    }
    return false;
}

bool has_tag(const field_section& response, std::string_view tag)
{
    for (const field_section::line line : response) {
        if (equal_without_case(line.name, "Surrogate-Key") && has_word(line.value, tag)) {
            return true;
        }
    }
    list_members_view tags{response, std::string_view{"Cache-Tag"}};
    while (const std::optional<std::string_view> member = tags.next()) {
        if (*member == tag) {
            return true;
        }
    }
    return false;
}

}  // namespace

bool concerns(const purge_order& order, std::string_view url, const field_section& response)
{
    switch (order.scope) {
    case purge_scope::url: return url == order.what;
    case purge_scope::host: return !order.what.empty() && is_on_host(url, order.what);
    case purge_scope::tag: return !order.what.empty() && has_tag(response, order.what);
    }
    return false;
}

}  // namespace cache
