#include "proxy/core/egress.hpp"

#include <boost/assert.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>

namespace proxy {
namespace {

using boost::asio::ip::address;
using octets = std::array<std::uint8_t, 16>;

constexpr unsigned ipv4_offset = 12;       // of an IPv4 address in its IPv4-mapped form
constexpr unsigned ipv4_prefix_bits = 96;  // ::ffff:0:0/96
constexpr unsigned octet_bits = 8;

// One form for both families, so that ::ffff:127.0.0.1 and 127.0.0.1 can't be told apart.
octets to_octets(const address& from)
{
    if (from.is_v6()) {
        return from.to_v6().to_bytes();
    }
    octets mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    const auto ipv4 = from.to_v4().to_bytes();
    std::copy(ipv4.begin(), ipv4.end(), mapped.begin() + ipv4_offset);
    return mapped;
}

constexpr bool share_prefix(const octets& left, const octets& right, unsigned bits)
{
    const unsigned whole = bits / octet_bits;
    for (unsigned i = 0; i != whole; ++i) {
        if (left[i] != right[i]) {
            return false;
        }
    }
    const unsigned rest = bits % octet_bits;
    return rest == 0 || (left[whole] ^ right[whole]) >> (octet_bits - rest) == 0;
}

bool is_ipv4(const octets& judged)
{
    constexpr octets mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    return share_prefix(judged, mapped, ipv4_prefix_bits);
}

struct special_range
{
    octets network;
    unsigned prefix_bits;
    egress_verdict verdict;
    std::optional<unsigned> inner_ipv4;  // where an IPv4 address is inside
    bool inverted = false;               // its bits are
};

constexpr special_range v4(
    std::array<std::uint8_t, 4> network, unsigned bits, egress_verdict verdict)
{
    special_range range{
        {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, ipv4_prefix_bits + bits, verdict, {}};
    for (unsigned i = 0; i != network.size(); ++i) {
        range.network[ipv4_offset + i] = network[i];
    }
    return range;
}

constexpr special_range v6(std::array<std::uint16_t, 8> network,
    unsigned bits,
    egress_verdict verdict,
    std::optional<unsigned> inner_ipv4 = {},
    bool inverted = false)
{
    special_range range{{}, bits, verdict, inner_ipv4, inverted};
    for (unsigned i = 0; i != network.size(); ++i) {
        range.network[2 * i] = static_cast<std::uint8_t>(network[i] >> 8U);
        range.network[2 * i + 1] = static_cast<std::uint8_t>(network[i] & 0xffU);
    }
    return range;
}

using enum egress_verdict;

// The first match counts: exceptions stand before the block that they are in.
constexpr std::array special_ranges{
    // Metadata services of clouds: who reaches them gets the machine's credentials.
    v4({100, 100, 100, 200}, 32, link_local),                    // Alibaba
    v4({168, 63, 129, 16}, 32, link_local),                      // Azure, a public address
    v4({192, 0, 0, 192}, 32, link_local),                        // Oracle
    v6({0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254}, 128, link_local),  // Amazon
    v6({0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254}, 128, link_local),   // Google

    v4({0, 0, 0, 0}, 8, reserved),            // this host, this network: RFC 1122, 3.2.1.3
    v4({10, 0, 0, 0}, 8, private_range),      // RFC 1918
    v4({100, 64, 0, 0}, 10, private_range),   // carrier-grade NAT: RFC 6598
    v4({127, 0, 0, 0}, 8, loopback),          // RFC 1122, 3.2.1.3
    v4({169, 254, 0, 0}, 16, link_local),     // RFC 3927; metadata of most clouds
    v4({172, 16, 0, 0}, 12, private_range),   // RFC 1918
    v4({192, 0, 0, 0}, 24, reserved),         // protocol assignments: RFC 6890, 2.1
    v4({192, 0, 2, 0}, 24, reserved),         // documentation: RFC 5737
    v4({192, 88, 99, 0}, 24, reserved),       // 6to4 relays: RFC 7526
    v4({192, 168, 0, 0}, 16, private_range),  // RFC 1918
    v4({198, 18, 0, 0}, 15, reserved),        // benchmarks: RFC 2544
    v4({198, 51, 100, 0}, 24, reserved),      // documentation: RFC 5737
    v4({203, 0, 113, 0}, 24, reserved),       // documentation: RFC 5737
    v4({224, 0, 0, 0}, 4, reserved),          // multicast: RFC 5771
    v4({240, 0, 0, 0}, 4, reserved),          // future use: RFC 1112, 4; broadcast: RFC 919, 7
    v4({0, 0, 0, 0}, 0, allowed),

    v6({0, 0, 0, 0, 0, 0, 0, 0}, 128, reserved),          // unspecified: RFC 4291, 2.5.2
    v6({0, 0, 0, 0, 0, 0, 0, 1}, 128, loopback),          // RFC 4291, 2.5.3
    v6({0, 0, 0, 0, 0, 0, 0, 0}, 96, reserved, 12),       // IPv4-compatible: RFC 4291, 2.5.5.1
    v6({0, 0, 0, 0, 0xffff, 0, 0, 0}, 96, reserved, 12),  // IPv4-translated: RFC 2765, 2.1
    v6({0x64, 0xff9b, 0, 0, 0, 0, 0, 0},
        96,
        allowed,
        12),                                             // NAT64, what DNS64 makes: RFC 6052, 2.1
    v6({0x64, 0xff9b, 1, 0, 0, 0, 0, 0}, 48, reserved),  // local-use translation: RFC 8215
    v6({0x2001, 0, 0, 0, 0, 0, 0, 0}, 32, reserved, 12, true),  // Teredo: RFC 4380, 4
    v6({0x2001, 0, 0, 0, 0, 0, 0, 0}, 23, reserved),            // protocol assignments: RFC 2928
    v6({0x2001, 0xdb8, 0, 0, 0, 0, 0, 0}, 32, reserved),        // documentation: RFC 3849
    v6({0x2002, 0, 0, 0, 0, 0, 0, 0}, 16, reserved, 2),   // 6to4: RFC 3056, 2; deprecated: RFC 7526
    v6({0x3fff, 0, 0, 0, 0, 0, 0, 0}, 20, reserved),      // documentation: RFC 9637
    v6({0x2000, 0, 0, 0, 0, 0, 0, 0}, 3, allowed),        // global unicast: RFC 4291, 2.4
    v6({0xfc00, 0, 0, 0, 0, 0, 0, 0}, 7, private_range),  // unique local: RFC 4193
    v6({0xfe80, 0, 0, 0, 0, 0, 0, 0}, 10, link_local),    // RFC 4291, 2.5.6
    // Site-local (RFC 3879), multicast (RFC 4291, 2.7), discard (RFC 6666), segment routing
    // (RFC 9602), and what is not assigned.
    v6({0, 0, 0, 0, 0, 0, 0, 0}, 0, reserved),
};

const special_range& range_of(const octets& judged)
{
    // The last one holds every address.
    return *std::find_if(
        special_ranges.begin(), special_ranges.end(), [&](const special_range& range) {
            return share_prefix(judged, range.network, range.prefix_bits);
        });
    return special_ranges.back();  // is of every address
}

// The IPv4 address inside an IPv6 address of that range, in its IPv4-mapped form.
std::optional<octets> inner_address(const octets& outer, const special_range& range)
{
    if (!range.inner_ipv4) {
        return std::nullopt;
    }
    octets inner{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    for (unsigned i = 0; i != 4; ++i) {
        const std::uint8_t octet = outer[*range.inner_ipv4 + i];
        inner[ipv4_offset + i] = range.inverted ? static_cast<std::uint8_t>(~octet) : octet;
    }
    return inner;
}

egress_verdict classify_octets(const octets& judged)
{
    const special_range& range = range_of(judged);
    const std::optional<octets> inner = inner_address(judged, range);
    const egress_verdict inside = inner ? range_of(*inner).verdict : allowed;
    return inside == allowed ? range.verdict : inside;
}

bool is_unspecified(const octets& judged)
{
    static const octets ipv4 = to_octets(boost::asio::ip::address_v4::any());
    static const octets ipv6 = to_octets(boost::asio::ip::address_v6::any());
    return judged == ipv4 || judged == ipv6;
}

// Whether a connection to that address would reach the listener, as far as can be said without
// asking the machine. One to the unspecified address is made to loopback.
bool reaches(const octets& judged, const listener_address& listener)
{
    const octets listening = to_octets(listener.address);
    const bool to_loopback = is_unspecified(judged) || classify_octets(judged) == loopback;
    if (is_unspecified(listening)) {
        return to_loopback;
    }
    const bool on_loopback = classify_octets(listening) == loopback;
    return judged == listening || (is_unspecified(judged) && on_loopback);
}

bool is_own_listener(const octets& judged, std::uint16_t port, const egress_rules& rules)
{
    return std::any_of(rules.own_listeners.begin(),
        rules.own_listeners.end(),
        [&](const listener_address& listener) {
            return listener.port == port && reaches(judged, listener);
        });
}

// What no setting lifts.
std::optional<egress_verdict> never_allowed(
    const address& candidate, std::uint16_t port, const egress_rules& rules)
{
    const octets outer = to_octets(candidate);
    const std::optional<octets> inner = inner_address(outer, range_of(outer));
    if (is_own_listener(outer, port, rules) || (inner && is_own_listener(*inner, port, rules))) {
        return own_listener;
    }
    if (classify_octets(outer) == link_local) {
        return link_local;
    }
    return std::nullopt;
}

constexpr std::uint16_t first_unprivileged_port = 1024;

bool is_origin_port(std::uint16_t port)
{
    constexpr std::uint16_t http = 80;
    constexpr std::uint16_t https = 443;
    return port == http || port == https || port >= first_unprivileged_port;
}

}  // namespace

bool address_block::contains(const boost::asio::ip::address& candidate) const
{
    const octets block = to_octets(network);
    const octets judged = to_octets(candidate);
    const unsigned bits = (network.is_v4() ? ipv4_prefix_bits : 0) + prefix_bits;
    BOOST_ASSERT(bits <= block.size() * octet_bits);
    // "::/0" is every IPv6 address, and not the IPv4 addresses mapped into them.
    const bool block_is_ipv4 = bits >= ipv4_prefix_bits && is_ipv4(block);
    return is_ipv4(judged) == block_is_ipv4 && share_prefix(block, judged, bits);
}

std::string_view explain(egress_verdict verdict)
{
    switch (verdict) {
    case allowed: return "The address may be connected to.";
    case own_listener: return "The address is one of this peer itself.";
    case link_local: return "The address is link-local or of a metadata service.";
    case loopback: return "The address is of this machine and was not allowed by --allow-target.";
    case private_range:
        return "The address is of a private network and was not allowed by --allow-target.";
    case reserved: return "The address is reserved and can not be that of a site.";
    default: return "The port is not one of sites: 80, 443, or from 1024 up.";
    }
}

egress_verdict classify(const boost::asio::ip::address& address)
{
    return classify_octets(to_octets(address));
}

egress_verdict judge_origin(const boost::asio::ip::address& address,
    std::uint16_t port,
    bool route_allows,
    const egress_rules& rules)
{
    const std::optional<egress_verdict> never = never_allowed(address, port, rules);
    if (never) {
        return *never;
    }
    const bool named = std::any_of(rules.allow_target.begin(),
        rules.allow_target.end(),
        [&](const address_block& block) { return block.contains(address); });
    if (named || route_allows) {
        return port == 0 ? egress_verdict::port : allowed;
    }
    const egress_verdict verdict = classify(address);
    if (verdict != allowed) {
        return verdict;
    }
    return is_origin_port(port) ? allowed : egress_verdict::port;
}

egress_verdict judge_peer(const boost::asio::ip::address& address,
    std::uint16_t port,
    const boost::asio::ip::address& own_peer_address,
    const egress_rules& rules)
{
    const std::optional<egress_verdict> never = never_allowed(address, port, rules);
    if (never) {
        return *never;
    }
    const egress_verdict own = classify(own_peer_address);
    const egress_verdict verdict = classify(address);
    const octets outer = to_octets(address);
    const bool wrapped = inner_address(outer, range_of(outer)).has_value();  // no peer is named so
    const bool neighbour = (verdict == loopback && own == loopback) ||
                           (verdict == private_range && (own == loopback || own == private_range));
    if (verdict != allowed && (wrapped || !neighbour)) {
        return verdict;
    }
    return port >= first_unprivileged_port ? allowed : egress_verdict::port;
}

}  // namespace proxy
