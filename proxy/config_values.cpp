#include "proxy/config_values.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>
#include <utility>

namespace proxy {
namespace {

using boost::asio::ip::address;

constexpr std::uint64_t smallest_store = 256ULL << 20;  // below, RocksDB's own files fill the quota
constexpr std::uint64_t smallest_memory = 1ULL << 20;  // one object of limits::memory_object_octets
constexpr unsigned most_threads = 256;
constexpr unsigned longest_round_trip = 10'000;  // ms; once round the world is 400
constexpr std::size_t most_near_levels = 2;      // each costs every datagram 16 octets
constexpr std::size_t longest_name = 253;        // a domain name, RFC 1035, section 2.3.4
constexpr std::size_t longest_label = 63;        // the same
constexpr std::size_t longest_network = 64;

std::string lower_case(std::string_view text)
{
    std::string out{text};
    for (char& c : out) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return out;
}

bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool is_letter_or_digit(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Digits only: no sign, no blank, nothing left over.
template <class Integer>
std::optional<Integer> parse_integer(std::string_view text)
{
    if (text.empty() || !is_digit(text.front())) {
        return std::nullopt;
    }
    Integer value = 0;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc{} || stop != end) {
        return std::nullopt;
    }
    return value;
}

// An IPv4 address in IPv6 clothes is stored as what it is, so that every later rule sees it.
std::optional<address> parse_address(std::string_view text)
{
    boost::system::error_code error;
    const address parsed = boost::asio::ip::make_address(std::string{text}, error);
    // The function reads a C string, for which the text ends at a NUL.
    if (error || text.find('\0') != std::string_view::npos) {
        return std::nullopt;
    }
    if (parsed.is_v6() && parsed.to_v6().is_v4_mapped()) {
        return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, parsed.to_v6());
    }
    return parsed;
}

bool is_label(std::string_view label)
{
    const bool characters = std::all_of(label.begin(), label.end(), [](char c) {
        return is_letter_or_digit(c) || c == '-' || c == '_';
    });
    return characters && !label.empty() && label.size() <= longest_label && label.front() != '-' &&
           label.back() != '-';
}

bool is_host_name(std::string_view name)
{
    if (name.empty() || name.size() > longest_name) {
        return false;
    }
    while (true) {
        const std::size_t dot = name.find('.');
        if (!is_label(name.substr(0, dot))) {
            return false;
        }
        if (dot == std::string_view::npos) {
            return true;
        }
        name.remove_prefix(dot + 1);
    }
}

// Splits a number from the unit that follows it.
std::pair<std::string_view, std::string_view> split_unit(std::string_view text)
{
    const auto digits_end = std::find_if_not(text.begin(), text.end(), is_digit);
    const auto digits = static_cast<std::size_t>(digits_end - text.begin());
    std::string_view unit = text.substr(digits);
    if (!unit.empty() && unit.front() == ' ') {
        unit.remove_prefix(1);
    }
    return {text.substr(0, digits), unit};
}

template <class Table>
std::optional<std::uint64_t> scaled(std::string_view text, const Table& units)
{
    const auto [digits, unit] = split_unit(text);
    const std::optional<std::uint64_t> number = parse_integer<std::uint64_t>(digits);
    const std::string wanted = lower_case(unit);
    const auto found =
        std::find_if(units.begin(), units.end(), [&](const auto& u) { return u.first == wanted; });
    if (!number || found == units.end() ||
        *number > std::numeric_limits<std::uint64_t>::max() / found->second) {
        return std::nullopt;
    }
    return *number * found->second;
}

value_result<std::uint64_t> size_of_at_least(std::string_view text, std::uint64_t smallest)
{
    value_result<std::uint64_t> octets = parse_size(text);
    if (octets && *octets >= smallest) {
        return octets;
    }
    return bad_value{
        "a size of at least " + std::to_string(smallest >> 20) + "MiB, such as 512MiB or 20GiB"};
}

address with_prefix_only(const address& whole, unsigned prefix_bits)
{
    const auto cleared = [prefix_bits](auto octets) {
        for (std::size_t i = 0; i < octets.size(); ++i) {
            const std::size_t first_bit = i * 8;
            const std::size_t kept =
                first_bit >= prefix_bits ? 0 : std::min<std::size_t>(8, prefix_bits - first_bit);
            octets[i] = static_cast<unsigned char>(octets[i] & (0xFF00U >> kept));
        }
        return octets;
    };
    if (whole.is_v4()) {
        return boost::asio::ip::make_address_v4(cleared(whole.to_v4().to_bytes()));
    }
    return boost::asio::ip::make_address_v6(cleared(whole.to_v6().to_bytes()));
}

// A shell expands ~ before we see it; in a file it would become a folder of that name.
bool is_path(std::string_view text)
{
    return !text.empty() && text.front() != '~' && text.find('\0') == std::string_view::npos;
}

}  // namespace

value_result<host_port> parse_host_port(std::string_view text)
{
    const bad_value refusal{"ADDRESS:PORT, such as 127.0.0.1:3128, 0.0.0.0:3128 or [::1]:0"};
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos || colon == 0 || colon + 1 == text.size()) {
        return refusal;
    }
    std::string_view host = text.substr(0, colon);
    const std::optional<std::uint16_t> port = parse_integer<std::uint16_t>(text.substr(colon + 1));
    const bool bracketed = host.front() == '[' && host.back() == ']';
    if (bracketed) {
        host = host.substr(1, host.size() - 2);
    } else if (lower_case(host) == "localhost") {
        host = "127.0.0.1";  // RFC 6761, section 6.3: always loopback, no resolver needed
    }
    // "::1:80" could be an address alone, so that IPv6 wants its brackets (RFC 3986, 3.2.2).
    const bool has_colon = host.find(':') != std::string_view::npos;
    const std::optional<address> parsed = parse_address(host);
    if (!parsed || !port || bracketed != has_colon) {
        return refusal;
    }
    return host_port{*parsed, *port};
}

value_result<host_port> parse_peer_endpoint(std::string_view text)
{
    value_result<host_port> endpoint = parse_host_port(text);
    if (!endpoint || endpoint->port == 0 || endpoint->address.is_unspecified() ||
        endpoint->address.is_multicast()) {
        return bad_value{"the ADDRESS:PORT of a peer, such as 192.0.2.7:4128"};
    }
    return endpoint;
}

value_result<std::uint64_t> parse_size(std::string_view text)
{
    static constexpr std::array<std::pair<std::string_view, std::uint64_t>, 10> units{{
        {"", 1},
        {"b", 1},
        {"kib", 1ULL << 10},
        {"mib", 1ULL << 20},
        {"gib", 1ULL << 30},
        {"tib", 1ULL << 40},
        {"kb", 1'000ULL},
        {"mb", 1'000'000ULL},
        {"gb", 1'000'000'000ULL},
        {"tb", 1'000'000'000'000ULL},
    }};
    const std::optional<std::uint64_t> octets = scaled(text, units);
    if (!octets) {
        return bad_value{"a size such as 512MiB or 20GiB"};
    }
    return *octets;
}

value_result<std::uint64_t> parse_store_size(std::string_view text)
{
    return size_of_at_least(text, smallest_store);
}

value_result<std::uint64_t> parse_memory_size(std::string_view text)
{
    return size_of_at_least(text, smallest_memory);
}

value_result<std::chrono::milliseconds> parse_duration(std::string_view text)
{
    static constexpr std::array<std::pair<std::string_view, std::uint64_t>, 4> units{{
        {"ms", 1},
        {"s", 1'000},
        {"m", 60'000},
        {"h", 3'600'000},
    }};
    constexpr std::uint64_t year = 365ULL * 24 * 3'600'000;
    const std::optional<std::uint64_t> milliseconds = scaled(text, units);
    if (!milliseconds || *milliseconds > year) {
        return bad_value{"a duration such as 500ms, 30s, 5m or 1h"};
    }
    return std::chrono::milliseconds{*milliseconds};
}

value_result<address_block> parse_address_block(std::string_view text)
{
    const bad_value refusal{"an address block such as 192.0.2.0/24, 2001:db8::/32 or 192.0.2.7"};
    const std::size_t slash = text.find('/');
    const std::optional<address> network = parse_address(text.substr(0, slash));
    if (!network || (network->is_v6() && network->to_v6().scope_id() != 0)) {
        return refusal;
    }
    const unsigned width = network->is_v4() ? 32 : 128;
    if (slash == std::string_view::npos) {
        return address_block{*network, width};
    }
    const std::optional<unsigned> bits = parse_integer<unsigned>(text.substr(slash + 1));
    if (!bits || *bits > width) {
        return refusal;
    }
    const address start = with_prefix_only(*network, *bits);
    if (start != *network) {
        return bad_value{
            "the first address of the block: " + start.to_string() + "/" + std::to_string(*bits)};
    }
    return address_block{*network, *bits};
}

value_result<route> parse_origin(std::string_view text)
{
    const bad_value refusal{
        "scheme, host and port, such as http://www.example.com or "
        "https://www.example.com:8443"};
    route origin;
    const std::size_t scheme_end = text.find("://");
    if (scheme_end == std::string_view::npos) {
        return refusal;
    }
    origin.scheme = lower_case(text.substr(0, scheme_end));
    if (origin.scheme != "http" && origin.scheme != "https") {
        return refusal;
    }
    origin.port = origin.scheme == "http" ? 80 : 443;
    std::string_view authority = text.substr(scheme_end + 3);
    if (authority.ends_with('/')) {
        authority.remove_suffix(1);
    }
    const std::size_t colon = authority.rfind(':');
    if (colon != std::string_view::npos && !authority.ends_with(']')) {
        const auto port = parse_integer<std::uint16_t>(authority.substr(colon + 1));
        if (!port || *port == 0) {
            return refusal;
        }
        origin.port = *port;
        authority = authority.substr(0, colon);
    }
    origin.host = lower_case(authority);
    if (authority.size() > 2 && authority.front() == '[' && authority.back() == ']') {
        boost::system::error_code error;
        const auto literal = boost::asio::ip::make_address_v6(
            std::string{authority.substr(1, authority.size() - 2)}, error);
        return error || literal.scope_id() != 0 ? value_result<route>{refusal} : origin;
    }
    return is_host_name(authority) ? value_result<route>{origin} : refusal;
}

value_result<std::string> parse_suffix(std::string_view text)
{
    if (!is_host_name(text)) {
        return bad_value{"a domain name without a leading dot, such as atoll.localhost"};
    }
    return {boost::system::in_place_value, lower_case(text)};
}

value_result<dht::swarm_key> parse_swarm_key(std::string_view text)
{
    const dht::result<dht::swarm_key> key = dht::swarm_key::parse(text);
    if (!key) {
        return bad_value{"a swarm key ('atoll swarm-key' makes one): " + key.error().message()};
    }
    return *key;
}

value_result<std::string> parse_network(std::string_view text)
{
    const bool characters = std::all_of(text.begin(), text.end(), [](char c) {
        return is_letter_or_digit(c) || c == '-' || c == '_' || c == '.';
    });
    if (text.empty() || text.size() > longest_network || !characters) {
        return bad_value{"a name of 1 to 64 letters, digits, '-', '_' and '.'"};
    }
    return {boost::system::in_place_value, text};
}

value_result<std::filesystem::path> parse_folder(std::string_view text)
{
    if (!is_path(text)) {
        return bad_value{"a folder, written in full (~ is not expanded)"};
    }
    return {boost::system::in_place_value, text};
}

value_result<std::filesystem::path> parse_file(std::string_view text)
{
    if (!is_path(text)) {
        return bad_value{"a file, written in full (~ is not expanded)"};
    }
    return {boost::system::in_place_value, text};
}

value_result<std::vector<std::chrono::milliseconds>> parse_levels(std::string_view text)
{
    std::vector<std::chrono::milliseconds> bounds;
    if (text == "none") {
        return bounds;
    }
    unsigned before = longest_round_trip + 1;
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find(',', begin), text.size());
        const std::optional<unsigned> bound =
            parse_integer<unsigned>(text.substr(begin, end - begin));
        if (!bound || *bound == 0 || *bound >= before || bounds.size() == most_near_levels) {
            return bad_value{"at most " + std::to_string(most_near_levels) +
                             " falling numbers of milliseconds "
                             "with commas between them, 1 to " +
                             std::to_string(longest_round_trip) + ", as in 60,20; or none"};
        }
        bounds.emplace_back(*bound);
        before = *bound;
        begin = end + 1;
    }
    return bounds;
}

value_result<unsigned> parse_threads(std::string_view text)
{
    const std::optional<unsigned> threads = parse_integer<unsigned>(text);
    if (!threads || *threads > most_threads) {
        return bad_value{"a number from 0 (one per core) to " + std::to_string(most_threads)};
    }
    return *threads;
}

value_result<log_format> parse_log_format(std::string_view text)
{
    if (text == "common") {
        return log_format::common;
    }
    if (text == "json") {
        return log_format::json;
    }
    return bad_value{"common or json"};
}

value_result<bool> parse_switch(std::string_view text)
{
    if (text == "true" || text == "1") {
        return true;
    }
    if (text == "false" || text == "0") {
        return false;
    }
    return bad_value{"true or false"};
}

std::string to_string(const host_port& endpoint)
{
    const std::string host = endpoint.address.to_string();
    const std::string port = std::to_string(endpoint.port);
    return endpoint.address.is_v6() ? "[" + host + "]:" + port : host + ":" + port;
}

std::string to_string(const route& origin)
{
    const std::uint16_t usual = origin.scheme == "https" ? 443 : 80;
    const std::string url = origin.scheme + "://" + origin.host;
    return origin.port == usual ? url : url + ":" + std::to_string(origin.port);
}

}  // namespace proxy
