#include "cache/policy/structured_fields.hpp"

#include "cache/policy/grammar.hpp"

#include <algorithm>
#include <array>

namespace cache {
namespace {

constexpr std::size_t integer_digits = 15;        // section 3.3.1
constexpr std::size_t decimal_whole_digits = 12;  // section 3.3.2
constexpr std::size_t decimal_part_digits = 3;
constexpr std::int64_t thousand = 1'000;

constexpr bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

constexpr bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

constexpr bool is_letter(char c)
{
    return is_lower(to_lower(c));
}

constexpr bool is_visible(char c)
{
    return c >= ' ' && c <= '~';
}

// RFC 3629: no code point in more octets than it needs, no surrogates, none beyond U+10FFFF.
bool is_utf8(std::string_view text)
{
    constexpr std::array<std::uint32_t, 4> least{0, 0x80, 0x800, 0x10000};
    constexpr unsigned payload_bits = 6;
    while (!text.empty()) {
        const auto lead = static_cast<unsigned char>(text.front());
        text.remove_prefix(1);
        const std::size_t more = lead < 0x80   ? 0
                                 : lead < 0xc0 ? 4
                                 : lead < 0xe0 ? 1
                                 : lead < 0xf0 ? 2
                                               : 3;
        if (more > 3 || lead > 0xf7 || text.size() < more) {
            return false;
        }
        std::uint32_t point = more == 0 ? lead : lead & (0x3fU >> more);
        for (std::size_t i = 0; i < more; ++i) {
            const auto next = static_cast<unsigned char>(text[i]);
            if ((next & 0xc0U) != 0x80U) {
                return false;
            }
            point = point << payload_bits | (next & 0x3fU);
        }
        text.remove_prefix(more);
        const bool is_surrogate = point >= 0xd800 && point <= 0xdfff;
        if (point < least.at(more) || is_surrogate || point > 0x10ffff) {
            return false;
        }
    }
    return true;
}

// Reads from the front; each function takes what it has read and says whether it was well formed.
class reader
{
public:
    explicit reader(std::string_view text) : rest_(text) {}

    std::optional<structured_dictionary> dictionary();

private:
    bool is_at_end() const { return rest_.empty(); }
    char front() const { return rest_.empty() ? '\0' : rest_.front(); }
    char take()
    {
        const char c = rest_.front();
        rest_.remove_prefix(1);
        return c;
    }
    bool take_if(char c)
    {
        const bool is_next = !rest_.empty() && rest_.front() == c;
        rest_.remove_prefix(is_next ? 1 : 0);
        return is_next;
    }
    void skip(std::string_view some)
    {
        rest_.remove_prefix(std::min(rest_.find_first_not_of(some), rest_.size()));
    }
    std::string_view take_digits(std::size_t most)
    {
        std::size_t count = 0;
        while (count < rest_.size() && count < most && is_digit(rest_[count])) {
            ++count;
        }
        const std::string_view digits = rest_.substr(0, count);
        rest_.remove_prefix(count);
        return digits;
    }

    std::optional<std::string> key();
    bool parameters();
    bool inner_list();
    bool item_or_list(structured_value& out);
    bool item(structured_value& out);
    bool number(structured_value& out);
    bool date(structured_value& out);
    bool string(structured_value& out);
    bool token(structured_value& out);
    bool byte_sequence(structured_value& out);
    bool boolean(structured_value& out);
    bool display_string(structured_value& out);

    std::string_view rest_;
};

std::optional<structured_dictionary> reader::dictionary()
{
    structured_dictionary members;
    skip(" ");
    while (!is_at_end()) {
        std::optional<std::string> name = key();
        if (!name) {
            return std::nullopt;
        }
        const bool is_stated = take_if('=');
        structured_value value{structured_type::boolean, is_stated ? 0 : 1, {}};
        if (!(is_stated ? item_or_list(value) : parameters())) {
            return std::nullopt;
        }
        std::erase_if(members, [&](const auto& one) { return one.first == *name; });
        members.emplace_back(std::move(*name), std::move(value));
        skip(" \t");
        if (is_at_end()) {
            return members;
        }
        if (!take_if(',')) {
            return std::nullopt;
        }
        skip(" \t");
        if (is_at_end()) {
            return std::nullopt;  // a comma with nothing behind it
        }
    }
    return members;
}

// Section 4.2.3.3.
std::optional<std::string> reader::key()
{
    if (!is_lower(front()) && front() != '*') {
        return std::nullopt;
    }
    std::string out;
    constexpr std::string_view others = "_-.*";
    while (!is_at_end() && (is_lower(front()) || is_digit(front()) ||
                               others.find(front()) != std::string_view::npos)) {
        out += take();
    }
    return out;
}

// Section 4.2.3.2.
bool reader::parameters()
{
    while (take_if(';')) {
        skip(" ");
        structured_value ignored;
        if (!key() || (take_if('=') && !item(ignored))) {
            return false;
        }
    }
    return true;
}

bool reader::item_or_list(structured_value& out)
{
    if (front() != '(') {
        return item(out) && parameters();
    }
    out.type = structured_type::inner_list;
    return inner_list() && parameters();
}

// Section 4.2.1.2.
bool reader::inner_list()
{
    take();
    while (true) {
        skip(" ");
        if (take_if(')')) {
            return true;
        }
        structured_value ignored;
        if (!item(ignored) || !parameters() || (front() != ' ' && front() != ')')) {
            return false;
        }
    }
}

// Section 4.2.3.1, without its parameters.
bool reader::item(structured_value& out)
{
    const char c = front();
    if (c == '-' || is_digit(c)) {
        return number(out);
    }
    if (c == '*' || is_letter(c)) {
        return token(out);
    }
    switch (c) {
    case '"': return string(out);
    case ':': return byte_sequence(out);
    case '?': return boolean(out);
    case '@': return date(out);
    case '%': return display_string(out);
    default: return false;
    }
}

// Section 4.2.4.
bool reader::number(structured_value& out)
{
    const bool is_negative = take_if('-');
    const std::string_view whole = take_digits(integer_digits + 1);
    if (whole.empty() || whole.size() > integer_digits) {
        return false;
    }
    out.type = structured_type::integer;
    out.number = 0;
    for (const char digit : whole) {
        out.number = 10 * out.number + (digit - '0');
    }
    if (take_if('.')) {
        const std::string_view part = take_digits(decimal_part_digits + 1);
        if (whole.size() > decimal_whole_digits || part.empty() ||
            part.size() > decimal_part_digits) {
            return false;
        }
        out.type = structured_type::decimal;
        std::int64_t thousandths = 0;
        std::int64_t unit = thousand;
        for (const char digit : part) {
            unit /= 10;
            thousandths += unit * (digit - '0');
        }
        out.number = thousand * out.number + thousandths;
    }
    out.number = is_negative ? -out.number : out.number;
    return true;
}

// Section 4.2.9.
bool reader::date(structured_value& out)
{
    take();
    const bool is_integer = number(out) && out.type == structured_type::integer;
    out.type = structured_type::date;
    return is_integer;
}

// Section 4.2.5.
bool reader::string(structured_value& out)
{
    out.type = structured_type::string;
    take();
    while (!is_at_end()) {
        char c = take();
        if (c == '"') {
            return true;
        }
        if (c == '\\') {
            if (front() != '"' && front() != '\\') {
                return false;
            }
            c = take();
        } else if (!is_visible(c)) {
            return false;
        }
        out.text += c;
    }
    return false;
}

// Section 4.2.6.
bool reader::token(structured_value& out)
{
    out.type = structured_type::token;
    constexpr std::string_view others = "!#$%&'*+-.^_`|~:/";
    while (!is_at_end() && (is_letter(front()) || is_digit(front()) ||
                               others.find(front()) != std::string_view::npos)) {
        out.text += take();
    }
    return true;
}

// Section 4.2.7: base64, of which missing padding is forgiven.
bool reader::byte_sequence(structured_value& out)
{
    out.type = structured_type::byte_sequence;
    take();
    const std::size_t end = rest_.find(':');
    if (end == std::string_view::npos) {
        return false;
    }
    std::string_view encoded = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    while (!encoded.empty() && encoded.back() == '=') {
        encoded.remove_suffix(1);
    }
    constexpr std::string_view digits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    constexpr unsigned digit_bits = 6;
    constexpr unsigned octet_bits = 8;
    std::uint32_t pending = 0;
    unsigned bits = 0;
    for (const char c : encoded) {
        const std::size_t digit = digits.find(c);
        if (digit == std::string_view::npos) {
            return false;
        }
        pending = pending << digit_bits | static_cast<std::uint32_t>(digit);
        bits += digit_bits;
        if (bits >= octet_bits) {
            bits -= octet_bits;
            out.text += static_cast<char>(pending >> bits & 0xff);
        }
    }
    return bits < digit_bits;  // a lone digit encodes nothing
}

// Section 4.2.8.
bool reader::boolean(structured_value& out)
{
    out.type = structured_type::boolean;
    take();
    if (front() != '0' && front() != '1') {
        return false;
    }
    out.number = take() - '0';
    return true;
}

// Section 4.2.10: percent-encoded UTF-8 in quotes.
bool reader::display_string(structured_value& out)
{
    out.type = structured_type::display_string;
    take();
    if (!take_if('"')) {
        return false;
    }
    constexpr std::string_view hexadecimal = "0123456789abcdef";
    while (!is_at_end()) {
        const char c = take();
        if (c == '"') {
            return is_utf8(out.text);
        }
        if (!is_visible(c)) {
            return false;
        }
        if (c != '%') {
            out.text += c;
            continue;
        }
        const std::size_t high = is_at_end() ? std::string_view::npos : hexadecimal.find(take());
        const std::size_t low = is_at_end() ? std::string_view::npos : hexadecimal.find(take());
        if (high == std::string_view::npos || low == std::string_view::npos) {
            return false;
        }
        out.text += static_cast<char>(high << 4 | low);
    }
    return false;
}

}  // namespace

std::optional<structured_dictionary> parse_structured_dictionary(std::string_view text)
{
    return reader{text}.dictionary();
}

}  // namespace cache
