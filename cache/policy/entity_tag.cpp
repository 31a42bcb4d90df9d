#include "cache/policy/entity_tag.hpp"

#include "cache/policy/grammar.hpp"

#include <algorithm>

namespace cache {
namespace {

// etagc: visible octets but the quote, and obs-text.
bool is_tag_octet(char c)
{
    const auto octet = static_cast<unsigned char>(c);
    return octet == 0x21 || (octet >= 0x23 && octet != 0x7f);
}

// Octets of the tag that begins the text; 0 if there is none. In a tag a backslash is an octet like
// any other, so lists of tags cannot be cut like lists with quoted strings.
std::size_t tag_octets(std::string_view text)
{
    std::size_t end = text.starts_with("W/") ? 2 : 0;
    if (end == text.size() || text[end] != '"') {
        return 0;
    }
    ++end;
    while (end != text.size() && is_tag_octet(text[end])) {
        ++end;
    }
    return end != text.size() && text[end] == '"' ? end + 1 : 0;
}

entity_tag_view make_tag(std::string_view text)
{
    const bool weak = text.front() == 'W';
    return {.opaque = text.substr(weak ? 2 : 0), .weak = weak};
}

}  // namespace

std::optional<entity_tag_view> parse_entity_tag(std::string_view text)
{
    const std::size_t octets = tag_octets(text);
    if (octets == 0 || octets != text.size()) {
        return std::nullopt;
    }
    return make_tag(text);
}

std::optional<entity_tag_view> entity_tag_of(const field_section& response)
{
    if (response.count(field::etag) != 1) {
        return std::nullopt;
    }
    return parse_entity_tag(*response.first(field::etag));
}

bool strong_match(const entity_tag_view& left, const entity_tag_view& right)
{
    return !left.weak && !right.weak && left.opaque == right.opaque;
}

bool weak_match(const entity_tag_view& left, const entity_tag_view& right)
{
    return left.opaque == right.opaque;
}

bool names_tag(std::string_view list, const entity_tag_view& tag)
{
    while (!list.empty()) {
        list = trim_blanks(list);
        const std::size_t octets = tag_octets(list);
        const std::string_view after = trim_blanks(list.substr(octets));
        const bool whole = octets != 0 && (after.empty() || after.front() == ',');
        if (whole && weak_match(make_tag(list.substr(0, octets)), tag)) {
            return true;
        }
        const std::size_t comma = list.find(',', octets);
        list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
    }
    return false;
}

}  // namespace cache
