#include "cache/policy/grammar.hpp"

#include <algorithm>
#include <cstdint>

namespace cache {
namespace {

constexpr bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

// Where the member that begins the list ends: at the first comma outside quoted strings.
std::size_t member_octets(std::string_view list)
{
    bool quoted = false;
    for (std::size_t i = 0; i < list.size(); ++i) {
        if (quoted && list[i] == '\\') {
            ++i;  // quoted-pair: the next octet stands for itself
        } else if (list[i] == '"') {
            quoted = !quoted;
        } else if (list[i] == ',' && !quoted) {
            return i;
        }
    }
    return list.size();
}

}  // namespace

bool equal_without_case(std::string_view left, std::string_view right)
{
    return left.size() == right.size() &&
           std::equal(left.begin(), left.end(), right.begin(), [](char a, char b) {
               return to_lower(a) == to_lower(b);
           });
}

std::string_view trim_blanks(std::string_view text)
{
    while (!text.empty() && is_blank(text.front())) {
        text.remove_prefix(1);
    }
    while (!text.empty() && is_blank(text.back())) {
        text.remove_suffix(1);
    }
    return text;
}

std::string_view take_member(std::string_view& list)
{
    while (!list.empty()) {
        const std::size_t octets = member_octets(list);
        const std::string_view member = trim_blanks(list.substr(0, octets));
        list.remove_prefix(std::min(octets + 1, list.size()));
        if (!member.empty()) {
            return member;
        }
    }
    return {};
}

list_members_view::list_members_view(const field_section& section, field name)
    : line_{section.begin()}, end_{section.end()}, id_{name}
{
}

list_members_view::list_members_view(const field_section& section, std::string_view name)
    : line_{section.begin()},
      end_{section.end()},
      id_{boost::beast::http::string_to_field(name)},
      name_{name}
{
}

std::optional<std::string_view> list_members_view::next()
{
    while (true) {
        const std::string_view member = take_member(rest_);
        if (!member.empty()) {
            return member;
        }
        if (line_ == end_) {
            return std::nullopt;
        }
        const field_section::line line = *line_++;
        if (line.id == id_ && (id_ != field::unknown || equal_without_case(line.name, name_))) {
            rest_ = line.value;
        }
    }
}

std::optional<unsigned> parse_weight(std::string_view parameter)
{
    constexpr unsigned one = 1000;
    if (parameter.empty()) {
        return one;
    }
    const std::string_view weight =
        parameter.front() == ';' ? trim_blanks(parameter.substr(1)) : std::string_view{};
    constexpr std::size_t longest = 7;  // "q=0.123"
    if (weight.size() < 3 || weight.size() > longest ||
        !equal_without_case(weight.substr(0, 2), "q=") || (weight[2] != '0' && weight[2] != '1') ||
        (weight.size() > 3 && weight[3] != '.')) {
        return std::nullopt;
    }
    unsigned thousandths = weight[2] == '1' ? one : 0;
    unsigned place = one / 10;
    for (const char digit : weight.substr(std::min<std::size_t>(4, weight.size()))) {
        if (digit < '0' || digit > '9') {
            return std::nullopt;
        }
        thousandths += static_cast<unsigned>(digit - '0') * place;
        place /= 10;
    }
    return thousandths <= one ? std::optional{thousandths} : std::nullopt;
}

std::optional<std::chrono::seconds> parse_delta_seconds(std::string_view text)
{
    if (text.empty()) {
        return std::nullopt;
    }
    std::int64_t seconds = 0;
    for (const char c : text) {
        if (c < '0' || c > '9') {
            return std::nullopt;
        }
        const std::int64_t next = seconds * 10 + (c - '0');
        seconds = std::min<std::int64_t>(next, max_delta_seconds.count());
    }
    return std::chrono::seconds{seconds};
}

}  // namespace cache
