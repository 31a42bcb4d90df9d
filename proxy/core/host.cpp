#include "proxy/core/host.hpp"

#include "proxy/http1/ascii.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>

namespace proxy {
namespace {

using http1::is_alpha;
using http1::is_digit;

constexpr std::size_t name_octets = 253;  // 255 on the wire, with the length of each label
constexpr std::size_t label_octets = 63;

bool is_label(std::string_view label)
{
    return !label.empty() && label.size() <= label_octets && label.front() != '-' &&
           label.back() != '-' && std::all_of(label.begin(), label.end(), [](char c) {
               return is_alpha(c) || is_digit(c) || c == '-' || c == '_';
           });
}

// The decimal, octal and hexadecimal numbers of inet_aton.
bool is_number(std::string_view label)
{
    if (label.starts_with("0x") || label.starts_with("0X")) {
        return std::all_of(
            label.begin() + 2, label.end(), [](char c) { return http1::hex_value(c) >= 0; });
    }
    return std::all_of(label.begin(), label.end(), is_digit);
}

bool is_name(std::string_view text)
{
    if (text.empty() || text.size() > name_octets) {
        return false;
    }
    while (true) {
        const std::size_t dot = text.find('.');
        const std::string_view label = text.substr(0, dot);
        if (!is_label(label)) {
            return false;
        }
        if (dot == std::string_view::npos) {
            return !is_number(label);
        }
        text.remove_prefix(dot + 1);
    }
}

std::optional<std::string> canonical_ipv6(std::string_view text)
{
    if (text.find('%') != std::string_view::npos) {
        return std::nullopt;
    }
    boost::system::error_code failed;
    const auto address = boost::asio::ip::make_address_v6(std::string{text}, failed);
    if (failed) {
        return std::nullopt;
    }
    return "[" + address.to_string() + "]";
}

}  // namespace

std::optional<std::string> canonical_host(std::string_view text)
{
    if (text.starts_with('[')) {
        if (!text.ends_with(']')) {
            return std::nullopt;
        }
        return canonical_ipv6(text.substr(1, text.size() - 2));
    }
    if (text.ends_with('.')) {
        text.remove_suffix(1);  // the root: the same name, written as an absolute one
    }
    std::string host{text};
    boost::system::error_code failed;
    const auto address = boost::asio::ip::make_address_v4(host, failed);
    if (!failed) {
        // inet_pton takes this form alone; if it ever took more, the spelling would differ.
        return address.to_string() == host ? std::optional{host} : std::nullopt;
    }
    if (!is_name(text)) {
        return std::nullopt;
    }
    std::transform(host.begin(), host.end(), host.begin(), http1::to_lower);
    return host;
}

bool is_address_literal(std::string_view host)
{
    const std::size_t last_label = host.rfind('.') + 1;  // 0 without a dot
    return host.starts_with('[') ||
           (last_label < host.size() && is_number(host.substr(last_label)));
}

}  // namespace proxy
