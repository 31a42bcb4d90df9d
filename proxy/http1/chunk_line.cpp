#include "proxy/http1/chunk_line.hpp"

#include "proxy/http1/ascii.hpp"
#include "proxy/http1/framing.hpp"

#include <optional>

namespace proxy::http1 {
namespace {

void skip_blanks(std::string_view& text)
{
    while (!text.empty() && is_blank(text.front())) {
        text.remove_prefix(1);
    }
}

bool take(char wanted, std::string_view& text)
{
    if (!text.starts_with(wanted)) {
        return false;
    }
    text.remove_prefix(1);
    return true;
}

bool take_token(std::string_view& text)
{
    std::size_t octets = 0;
    while (octets != text.size() && is_octet_of(token_octet, text[octets])) {
        ++octets;
    }
    text.remove_prefix(octets);
    return octets != 0;
}

// quoted-string (RFC 9110, section 5.6.4), its opening quote taken already.
bool take_rest_of_quoted_string(std::string_view& text)
{
    for (std::size_t i = 0; i != text.size(); ++i) {
        if (text[i] == '"') {
            text.remove_prefix(i + 1);
            return true;
        }
        if (text[i] == '\\' && ++i == text.size()) {
            return false;
        }
        if (!is_octet_of(value_octet, text[i])) {
            return false;
        }
    }
    return false;
}

// *( BWS ";" BWS chunk-ext-name [ BWS "=" BWS chunk-ext-val ] ). White space only where something
// follows it: the grammar has none at the end of the line.
bool are_extensions(std::string_view text)
{
    while (!text.empty()) {
        skip_blanks(text);
        if (!take(';', text)) {
            return false;
        }
        skip_blanks(text);
        if (!take_token(text)) {
            return false;
        }
        std::string_view value = text;
        skip_blanks(value);
        if (!take('=', value)) {
            continue;
        }
        skip_blanks(value);
        if (!(take('"', value) ? take_rest_of_quoted_string(value) : take_token(value))) {
            return false;
        }
        text = value;
    }
    return true;
}

}  // namespace

result<std::uint64_t> parse_chunk_line(std::string_view line)
{
    std::uint64_t size = 0;
    std::size_t digits = 0;
    while (digits != line.size() && hex_value(line[digits]) >= 0) {
        if (digits == chunk_size_digits) {
            return errc::malformed_chunk;
        }
        size = size * 16 + static_cast<std::uint64_t>(hex_value(line[digits]));
        ++digits;
    }
    if (digits == 0 || size > content_length_limit) {
        return errc::malformed_chunk;
    }
    const std::string_view extensions = line.substr(digits);
    if (extensions.size() > chunk_extension_octets) {
        return errc::chunk_overhead_too_large;
    }
    if (!are_extensions(extensions)) {
        return errc::malformed_chunk;
    }
    return size;
}

}  // namespace proxy::http1
