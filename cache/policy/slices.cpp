#include "cache/policy/slices.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

namespace cache {
namespace {

constexpr int base = 16;

std::string hexadecimal(std::uint64_t number)
{
    constexpr std::size_t most_digits = 16;
    std::string text(most_digits, '\0');
    const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), number, base);
    static_cast<void>(error);  // they hold every number of 64 bits
    text.resize(static_cast<std::size_t>(end - text.data()));
    return text;
}

bool take_number(std::string_view& text, std::uint64_t& number)
{
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return error == std::errc{};
}

}  // namespace

byte_range slice_map::range_of(std::uint64_t slice) const
{
    const std::uint64_t first = slice * slice_octets;
    return {first, std::min(slice_octets, body_octets - first)};
}

std::string encode_slice_map(const slice_map& map)
{
    return hexadecimal(map.body_octets) + " " + hexadecimal(map.number);
}

std::optional<slice_map> decode_slice_map(std::string_view text)
{
    slice_map map;
    bool understood = take_number(text, map.body_octets) && text.starts_with(' ');
    if (understood) {
        text.remove_prefix(1);
        understood = take_number(text, map.number) && text.empty() && map.body_octets != 0;
    }
    return understood ? std::optional{map} : std::nullopt;
}

cache_key key_of_slice_map(const cache_key& key)
{
    return key.beside("slices");
}

cache_key key_of_slice(const slice_map& map, std::uint64_t slice)
{
    // No client asks for a URL of this scheme.
    return {"slice", hexadecimal(map.number), 0, "/" + hexadecimal(slice)};
}

std::optional<octet_span> slices_to_ask_for(const field_section& request)
{
    const std::optional<requested_range> wanted = sole_range(request);
    if (!wanted) {
        return std::nullopt;
    }
    if (!wanted->first) {
        return octet_span{0, slice_octets};
    }
    const std::uint64_t begin = *wanted->first / slice_octets * slice_octets;
    constexpr std::uint64_t beyond = std::numeric_limits<std::uint64_t>::max();
    if (!wanted->last || *wanted->last >= beyond - slice_octets) {
        return octet_span{begin, beyond};
    }
    return octet_span{begin, (*wanted->last / slice_octets + 1) * slice_octets};
}

bool brings(const received_range& part,
    const octet_span& asked,
    std::optional<std::uint64_t> content_length)
{
    const std::uint64_t end = part.last + 1;
    return part.first == asked.begin && end == std::min(asked.end, part.complete) &&
           content_length.value_or(end - part.first) == end - part.first;
}

}  // namespace cache
