#include "proxy/core/coral_name.hpp"

#include "proxy/core/host.hpp"
#include "proxy/http1/ascii.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace proxy {
namespace {

constexpr std::uint16_t http_port = 80;
constexpr std::uint16_t https_port = 443;
constexpr std::size_t port_digits = 5;
constexpr std::ptrdiff_t dots_of_address_and_port = 4;

bool is_decimal(std::string_view text)
{
    return !text.empty() && std::all_of(text.begin(), text.end(), http1::is_digit);
}

bool has_only_digits_and_dots(std::string_view text)
{
    return std::all_of(
        text.begin(), text.end(), [](char c) { return http1::is_digit(c) || c == '.'; });
}

// In one spelling: no zero before it, so that one origin has one name.
std::optional<std::uint16_t> parse_port(std::string_view text)
{
    if (!is_decimal(text) || text.size() > port_digits || text.front() == '0') {
        return std::nullopt;
    }
    unsigned port = 0;
    for (const char c : text) {
        port = port * 10 + static_cast<unsigned>(c - '0');
    }
    if (port > std::numeric_limits<std::uint16_t>::max()) {
        return std::nullopt;
    }
    return static_cast<std::uint16_t>(port);
}

// Whether the last label is a port. Four labels of digits are an address without one.
bool ends_in_port(std::string_view name)
{
    const std::size_t dot = name.rfind('.');
    if (dot == std::string_view::npos || !is_decimal(name.substr(dot + 1))) {
        return false;
    }
    return !has_only_digits_and_dots(name) ||
           std::count(name.begin(), name.end(), '.') == dots_of_address_and_port;
}

}  // namespace

std::optional<std::string_view> name_before_suffix(std::string_view host, std::string_view suffix)
{
    if (suffix.empty() || host.size() <= suffix.size() + 1 || !host.ends_with(suffix) ||
        host[host.size() - suffix.size() - 1] != '.') {
        return std::nullopt;
    }
    return host.substr(0, host.size() - suffix.size() - 1);
}

std::optional<coral_origin> parse_coral_name(std::string_view name)
{
    std::uint16_t port = http_port;
    if (ends_in_port(name)) {
        const std::size_t dot = name.rfind('.');
        const std::optional<std::uint16_t> label = parse_port(name.substr(dot + 1));
        if (!label) {
            return std::nullopt;
        }
        port = *label;
        name = name.substr(0, dot);
    }
    if (name.starts_with('[') || name.ends_with('.')) {
        return std::nullopt;
    }
    std::optional<std::string> host = canonical_host(name);
    if (!host) {
        return std::nullopt;
    }
    return coral_origin{port == https_port ? "https" : "http", std::move(*host), port};
}

std::optional<std::string> coral_name(const coral_origin& from)
{
    std::string name = from.host;
    if (from.port != http_port) {
        name += '.' + std::to_string(from.port);
    }
    if (parse_coral_name(name) != from) {
        return std::nullopt;
    }
    return name;
}

}  // namespace proxy
