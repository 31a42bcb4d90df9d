// Text of a setting -> its value. Pure; every refusal says what would have been accepted.

#pragma once

#include "proxy/config.hpp"

#include <boost/system/result.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace proxy {

struct bad_value
{
    std::string expected;  // completes "expected ..."
};

template <class T>
using value_result = boost::system::result<T, bad_value>;

// "127.0.0.1:3128", "[::1]:0", "localhost:3128". The address is always written: a bare ":3128"
// means every interface to some programs and loopback to others.
value_result<host_port> parse_host_port(std::string_view text);

// The endpoint of a peer that can be reached: neither port 0 nor an unspecified address.
value_result<host_port> parse_peer_endpoint(std::string_view text);

// "20GiB", "512 MiB", "2GB", "1048576": octets; binary and decimal units, in any letter case.
value_result<std::uint64_t> parse_size(std::string_view text);
value_result<std::uint64_t> parse_store_size(std::string_view text);   // at least 256 MiB
value_result<std::uint64_t> parse_memory_size(std::string_view text);  // at least 1 MiB

// "30s", "500ms", "5m", "1h".
value_result<std::chrono::milliseconds> parse_duration(std::string_view text);

// "192.0.2.0/24", or a lone address as a block of one. Bits beyond the prefix must be zero.
value_result<address_block> parse_address_block(std::string_view text);

// "http://www.example.com:8080": scheme, host and port, nothing else.
value_result<route> parse_origin(std::string_view text);

// A domain name without a leading dot; returned in lower case.
value_result<std::string> parse_suffix(std::string_view text);

// "atoll-swarm-1:..."; what is expected is said without anything of the text.
value_result<dht::swarm_key> parse_swarm_key(std::string_view text);

value_result<std::filesystem::path> parse_file(std::string_view text);
value_result<std::string> parse_network(std::string_view text);
value_result<std::filesystem::path> parse_folder(std::string_view text);

// "60,20": the bounds of the levels above 0 as round trips in milliseconds, falling. "none".
value_result<std::vector<std::chrono::milliseconds>> parse_levels(std::string_view text);

value_result<unsigned> parse_threads(std::string_view text);
value_result<log_format> parse_log_format(std::string_view text);
value_result<bool> parse_switch(std::string_view text);

}  // namespace proxy
