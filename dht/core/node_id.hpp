// The 160-bit numbers that nodes and keys share, and the XOR metric between them (Kademlia,
// section 2.1).

#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dht {

class node_id
{
public:
    static constexpr std::size_t octet_count = 20;
    static constexpr unsigned bit_count = 160;
    using array = std::array<std::uint8_t, octet_count>;

    node_id() = default;  // zero
    explicit node_id(const array& octets) : octets_(octets) {}

    // Nothing if text is not exactly 20 octets.
    static std::optional<node_id> from_octets(std::string_view text);

    const array& octets() const { return octets_; }
    std::string_view text() const;

    // Bit 0 is the most significant one.
    bool bit(unsigned index) const;
    void flip(unsigned index);

    friend std::strong_ordering operator<=>(const node_id&, const node_id&) = default;

private:
    array octets_{};
};

node_id distance(const node_id& left, const node_id& right);

// How far apart, as a fraction of the whole ID space.
double fraction_of_space(const node_id& from, const node_id& to);

// Leading bits that both share: 0 to 160. A longer prefix means closer.
unsigned common_prefix(const node_id& left, const node_id& right);

// Whether left is strictly closer to target than right.
bool is_closer(const node_id& target, const node_id& left, const node_id& right);

node_id sha1(std::string_view octets);

// The key under which a cached response is indexed. Networks of different names share no key even
// if their datagrams meet. variant is "" or the class of content coding that the pointer is for.
node_id index_key(std::string_view network, std::string_view cache_key, std::string_view variant);

// Hexadecimal, lower case.
std::string to_string(const node_id& id);

// 40 hexadecimal digits; nothing if the text is anything else.
std::optional<node_id> parse_node_id(std::string_view text);

}  // namespace dht
