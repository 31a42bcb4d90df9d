// Character classes of RFC 9110, section 5.6, and comparison without case. ASCII only: no locale.

#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

namespace proxy::http1 {

constexpr bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

constexpr bool is_alpha(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

constexpr bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

// The value of a hexadecimal digit, or -1.
constexpr int hex_value(char c)
{
    if (is_digit(c)) {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

constexpr char to_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

constexpr bool equal_without_case(std::string_view left, std::string_view right)
{
    return left.size() == right.size() &&
           std::equal(left.begin(), left.end(), right.begin(), [](char a, char b) {
               return to_lower(a) == to_lower(b);
           });
}

enum octet_class : std::uint8_t
{
    token_octet = 1,   // tchar (RFC 9110, section 5.6.2)
    value_octet = 2,   // field-vchar, SP or HTAB (RFC 9110, section 5.5)
    target_octet = 4,  // visible ASCII but '#' (RFC 9112, section 3.2: a fragment is never sent)
};

constexpr std::array<std::uint8_t, 256> make_octet_classes()
{
    std::array<std::uint8_t, 256> classes{};
    for (unsigned octet = 0; octet != classes.size(); ++octet) {
        const char c = static_cast<char>(octet);
        const bool separator =
            std::string_view{"\"(),/:;<=>?@[\\]{}"}.find(c) != std::string_view::npos;
        const bool visible = octet > 0x20 && octet < 0x7f;
        if (visible && !separator) {
            classes[octet] |= token_octet;
        }
        if (c == '\t' || (octet >= 0x20 && octet != 0x7f)) {
            classes[octet] |= value_octet;
        }
        if (visible && c != '#') {
            classes[octet] |= target_octet;
        }
    }
    return classes;
}

inline constexpr std::array<std::uint8_t, 256> octet_classes = make_octet_classes();

constexpr bool is_octet_of(octet_class wanted, char c)
{
    return (octet_classes[static_cast<unsigned char>(c)] & wanted) != 0;
}

constexpr bool consists_of(octet_class wanted, std::string_view text)
{
    return std::all_of(
        text.begin(), text.end(), [wanted](char c) { return is_octet_of(wanted, c); });
}

}  // namespace proxy::http1
