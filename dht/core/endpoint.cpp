#include "dht/core/endpoint.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace dht {
namespace {

constexpr std::size_t port_octets = 2;
constexpr std::size_t compact_v4_octets = 4 + port_octets;
constexpr std::size_t compact_v6_octets = 16 + port_octets;

template <class Address>
Address address_from(std::string_view octets)
{
    typename Address::bytes_type bytes{};
    std::copy_n(octets.begin(), bytes.size(), bytes.begin());
    return Address{bytes};
}

template <class Address>
void append(std::string& text, const Address& address)
{
    for (const unsigned char octet : address.to_bytes()) {
        text.push_back(static_cast<char>(octet));
    }
}

struct v4_range
{
    std::uint32_t first;
    unsigned bits;
};

constexpr v4_range not_public[] = {
    {0x0a000000, 8},   // 10.0.0.0/8
    {0x64400000, 10},  // 100.64.0.0/10
    {0x7f000000, 8},   // 127.0.0.0/8
    {0xa9fe0000, 16},  // 169.254.0.0/16
    {0xac100000, 12},  // 172.16.0.0/12
    {0xc0a80000, 16},  // 192.168.0.0/16
};

bool is_public(const boost::asio::ip::address_v4& address)
{
    const std::uint32_t number = address.to_uint();
    return std::none_of(std::begin(not_public), std::end(not_public), [&](const v4_range& range) {
        return (number ^ range.first) >> (32 - range.bits) == 0;
    });
}

bool is_public(const boost::asio::ip::address_v6& address)
{
    constexpr unsigned char unique_local = 0xfc;  // fc00::/7
    return !address.is_loopback() && !address.is_link_local() &&
           (address.to_bytes()[0] & 0xfe) != unique_local;
}

}  // namespace

node_id id_of(const endpoint& where)
{
    return sha1(to_compact(where));
}

std::string to_compact(const endpoint& where)
{
    std::string text;
    text.reserve(compact_v6_octets);
    if (where.address.is_v4()) {
        append(text, where.address.to_v4());
    } else {
        append(text, where.address.to_v6());
    }
    text.push_back(static_cast<char>(where.port >> 8));
    text.push_back(static_cast<char>(where.port & 0xff));
    return text;
}

std::optional<endpoint> from_compact(std::string_view octets)
{
    endpoint where;
    if (octets.size() == compact_v4_octets) {
        where.address = address_from<boost::asio::ip::address_v4>(octets);
    } else if (octets.size() == compact_v6_octets) {
        where.address = address_from<boost::asio::ip::address_v6>(octets);
    } else {
        return std::nullopt;
    }
    const auto high = static_cast<unsigned char>(octets[octets.size() - 2]);
    const auto low = static_cast<unsigned char>(octets[octets.size() - 1]);
    where.port = static_cast<std::uint16_t>(high << 8 | low);
    return where;
}

std::string source_of(const endpoint& where)
{
    constexpr std::size_t site_octets = 8;
    std::string octets = to_compact(where);
    if (where.address.is_loopback()) {
        return octets;
    }
    octets.resize(where.address.is_v6() ? site_octets : octets.size() - sizeof where.port);
    return octets;
}

std::optional<std::uint64_t> public_subnet_of(const boost::asio::ip::address& address)
{
    if (address.is_v4()) {
        const boost::asio::ip::address_v4 v4 = address.to_v4();
        return is_public(v4) ? std::optional<std::uint64_t>{v4.to_uint() >> 8} : std::nullopt;
    }
    const boost::asio::ip::address_v6 v6 = address.to_v6();
    if (!is_public(v6)) {
        return std::nullopt;
    }
    // No IPv4 subnet has so many bits.
    std::uint64_t number = 1;
    for (std::size_t i = 0; i < sizeof number; ++i) {
        number = number << 8 | v6.to_bytes()[i];
    }
    return number;
}

std::optional<std::string> neighbourhood_of(const boost::asio::ip::address& address)
{
    if (address.is_loopback() || address.is_unspecified()) {
        return std::nullopt;
    }
    if (address.is_v4()) {
        auto octets = address.to_v4().to_bytes();
        const bool is_link_local = octets[0] == 169 && octets[1] == 254;  // RFC 3927
        octets[3] = 0;
        return is_link_local
                   ? std::nullopt
                   : std::optional{boost::asio::ip::address_v4{octets}.to_string() + "/24"};
    }
    constexpr std::size_t site_octets = 6;
    auto octets = address.to_v6().to_bytes();
    std::fill(octets.begin() + site_octets, octets.end(), std::uint8_t{0});
    return address.to_v6().is_link_local()
               ? std::nullopt
               : std::optional{boost::asio::ip::address_v6{octets}.to_string() + "/48"};
}

bool is_reachable_form(const endpoint& where)
{
    if (where.port == 0 || where.address.is_unspecified() || where.address.is_multicast()) {
        return false;
    }
    return where.address.is_v6() ||
           where.address.to_v4() != boost::asio::ip::address_v4::broadcast();
}

std::string to_string(const endpoint& where)
{
    const std::string address = where.address.to_string();
    return (where.address.is_v6() ? "[" + address + "]" : address) + ":" +
           std::to_string(where.port);
}

std::optional<endpoint> parse_endpoint(std::string_view text)
{
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) {
        return std::nullopt;
    }
    std::string_view host = text.substr(0, colon);
    const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
    if (bracketed) {
        host = host.substr(1, host.size() - 2);
    }
    boost::system::error_code error;
    const auto address = boost::asio::ip::make_address(std::string{host}, error);
    if (error || address.is_v6() != bracketed) {
        return std::nullopt;
    }
    const std::string_view digits = text.substr(colon + 1);
    std::uint16_t port = 0;
    const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (failure != std::errc{} || end != digits.data() + digits.size()) {
        return std::nullopt;
    }
    return endpoint{address, port};
}

}  // namespace dht
