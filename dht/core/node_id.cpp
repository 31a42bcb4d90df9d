#include "dht/core/node_id.hpp"

#include <boost/assert.hpp>

#include <openssl/evp.h>

#include <algorithm>
#include <bit>
#include <charconv>

namespace dht {

std::optional<node_id> node_id::from_octets(std::string_view text)
{
    if (text.size() != octet_count) {
        return std::nullopt;
    }
    array octets{};
    std::copy(text.begin(), text.end(), octets.begin());
    return node_id{octets};
}

std::string_view node_id::text() const
{
    return {reinterpret_cast<const char*>(octets_.data()), octets_.size()};
}

bool node_id::bit(unsigned index) const
{
    BOOST_ASSERT(index < bit_count);
    return (octets_[index / 8] >> (7 - index % 8) & 1) != 0;
}

void node_id::flip(unsigned index)
{
    BOOST_ASSERT(index < bit_count);
    octets_[index / 8] = static_cast<std::uint8_t>(octets_[index / 8] ^ 0x80U >> index % 8);
}

node_id distance(const node_id& left, const node_id& right)
{
    node_id::array octets{};
    for (std::size_t i = 0; i < octets.size(); ++i) {
        octets[i] = static_cast<std::uint8_t>(left.octets()[i] ^ right.octets()[i]);
    }
    return node_id{octets};
}

unsigned common_prefix(const node_id& left, const node_id& right)
{
    for (unsigned i = 0; i < node_id::octet_count; ++i) {
        const auto different = static_cast<std::uint8_t>(left.octets()[i] ^ right.octets()[i]);
        if (different != 0) {
            return i * 8 + static_cast<unsigned>(std::countl_zero(different));
        }
    }
    return node_id::bit_count;
}

bool is_closer(const node_id& target, const node_id& left, const node_id& right)
{
    for (std::size_t i = 0; i < node_id::octet_count; ++i) {
        const int to_left = left.octets()[i] ^ target.octets()[i];
        const int to_right = right.octets()[i] ^ target.octets()[i];
        if (to_left != to_right) {
            return to_left < to_right;
        }
    }
    return false;
}

node_id sha1(std::string_view octets)
{
    node_id::array digest{};
    unsigned length = 0;
    const int done =
        EVP_Digest(octets.data(), octets.size(), digest.data(), &length, EVP_sha1(), nullptr);
    BOOST_ASSERT(done == 1 && length == digest.size());
    return node_id{digest};
}

node_id index_key(std::string_view network, std::string_view cache_key, std::string_view variant)
{
    std::string text;
    text.reserve(network.size() + cache_key.size() + variant.size() + 2);
    text.append(network).push_back('\0');
    text.append(cache_key).push_back('\0');
    text.append(variant);
    return sha1(text);
}

std::string to_string(const node_id& id)
{
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    text.reserve(2 * node_id::octet_count);
    for (const std::uint8_t octet : id.octets()) {
        text.push_back(digits[octet >> 4]);
        text.push_back(digits[octet & 0x0f]);
    }
    return text;
}

std::optional<node_id> parse_node_id(std::string_view text)
{
    node_id::array octets{};
    if (text.size() != 2 * octets.size()) {
        return std::nullopt;
    }
    constexpr int base = 16;
    for (std::size_t i = 0; i < octets.size(); ++i) {
        const char* const digits = text.data() + 2 * i;
        const auto [end, error] = std::from_chars(digits, digits + 2, octets[i], base);
        if (error != std::errc{} || end != digits + 2) {
            return std::nullopt;
        }
    }
    return node_id{octets};
}

double fraction_of_space(const node_id& from, const node_id& to)
{
    const node_id between = distance(from, to);
    double fraction = 0;
    double weight = 1;
    for (std::size_t i = 0; i < sizeof(std::uint64_t); ++i) {
        weight /= 256;
        fraction += weight * between.octets()[i];
    }
    return fraction;
}

}  // namespace dht
