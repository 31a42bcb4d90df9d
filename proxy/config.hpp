// Everything that a user can set and every limit that the program keeps: one table, with unit,
// default and reason.

#pragma once

#include "dht/core/swarm_key.hpp"
#include "proxy/core/egress.hpp"
#include "proxy/core/target.hpp"

#include <boost/asio/ip/address.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace proxy {

struct host_port
{
    boost::asio::ip::address address;
    std::uint16_t port = 0;

    friend bool operator==(const host_port&, const host_port&) = default;
};

std::string to_string(const host_port& endpoint);  // "127.0.0.1:3128", "[::1]:3128"
std::string to_string(const route& origin);        // "http://www.example.com:8080"

enum class log_format : std::uint8_t
{
    common,  // Common Log Format, one line per request
    json,    // one JSON object per request
};

// Limits that are not options: reasons stand beside them. Durations bound every wait on another
// machine, counts bound every queue.
struct limits
{
    // Client connections.
    std::chrono::seconds request_head_deadline{
        10};                                      // a head takes one round trip; more is slowloris
    std::chrono::seconds request_body_idle{30};   // between two reads of a request body
    std::chrono::seconds client_idle{60};         // keep-alive; what browsers reuse within
    std::chrono::seconds client_write_stall{60};  // a reader that takes nothing for so long is gone
    std::chrono::seconds tunnel_idle{600};  // CONNECT; TCP keep-alive of most clients is below
    std::chrono::milliseconds lingering_close{2000};  // after a refusal, RFC 9112, section 9.6
    std::size_t client_connections = 18'000;  // 20,000 descriptors less store, peers, origins
    std::size_t connections_per_address =
        4'096;  // a crowd behind one address is normal, a flood is not

    // Origins.
    std::chrono::milliseconds origin_resolve{3'000};
    std::chrono::milliseconds origin_connect{5'000};
    std::chrono::seconds origin_first_byte{60};
    std::chrono::seconds origin_idle{60};
    std::chrono::seconds upstream_keep_alive{
        30};  // below what servers close at (nginx: 75 s, Apache: 5 s)
    std::size_t idle_connections_per_upstream = 16;  // per worker
    std::size_t idle_connections = 512;              // per worker, all upstreams together
    std::chrono::seconds upstream_write_stall{60};  // a request piece that is not taken for so long
    std::chrono::milliseconds connect_stagger{250};  // until the next address; RFC 8305, section 5
    std::size_t connect_addresses = 6;               // of one name, tried for one connection
    std::size_t interim_responses = 128;  // a peer waiting for a slow origin sends one a second

    // Peers.
    std::chrono::milliseconds peer_connect{300};
    std::chrono::milliseconds peer_first_byte{
        500};                            // renewed by each 102 of a peer that is itself waiting
    std::chrono::seconds peer_idle{10};  // silence in the middle of a body; then another source
    std::chrono::milliseconds lookup_minimum{150};
    std::chrono::milliseconds lookup_maximum{1'000};
    std::size_t peer_candidates = 4;  // pointers tried before the origin
    std::chrono::milliseconds peer_interim{
        1'000};  // a 102 to a waiting peer each second; the first after 100 ms

    // Index.
    std::chrono::seconds announce_in_flight{20};
    std::chrono::seconds announce_complete{3'600};

    // Bodies.
    std::size_t flight_window_octets =
        1 << 20;  // kept in memory ahead of the store and of the fastest reader
    std::size_t memory_object_octets = 1 << 20;  // larger ones are served from disk
};

// What `atoll run` works from. Plain values, validated by load_settings (config_load.hpp); the
// defaults stand here, except those of the folders, which depend on the environment.
struct settings
{
    host_port client{boost::asio::ip::address_v4::loopback(), 3128};  // HTTP for clients, TCP
    host_port peer{boost::asio::ip::address_v4::loopback(), 4128};    // index UDP, bodies TCP
    host_port admin{boost::asio::ip::address_v4::loopback(), 9128};   // metrics and status, TCP
    std::filesystem::path store;                                      // $XDG_CACHE_HOME/atoll
    std::filesystem::path state;  // identity, contacts; see load_settings
    std::uint64_t store_octets = 10ULL << 30;
    std::uint64_t memory_octets = 256ULL << 20;
    std::optional<host_port> peer6;  // the same for IPv6, where peer is IPv4
    std::vector<host_port> join;
    std::optional<host_port> advertise;   // port 0: the one that peer is bound to
    std::optional<host_port> advertise6;  // the same of peer6
    std::vector<route> origins;
    std::vector<address_block> allow_client;  // loopback always may
    std::vector<address_block> allow_target;  // exceptions of the egress gate
    std::vector<address_block> allow_purge;   // who may use the method PURGE
    std::string suffix =
        "atoll.localhost";          // of coralized names, lower case, without a leading dot
    bool use_peers = true;          // --no-peers clears it
    std::string network = "atoll";  // networks of different names never merge
    // Round trips within which peers form clusters, one bound for each level above 0.
    std::vector<std::chrono::milliseconds> level_bounds{
        std::chrono::milliseconds{60}, std::chrono::milliseconds{20}};
    bool plain_krpc = false;
    // Of a private network, the first for sending; empty: an open one. Those of the file included.
    std::vector<dht::swarm_key> swarm_keys;
    std::filesystem::path swarm_key_file;
    unsigned threads = 0;  // workers; 0: one per core
    log_format access_log = log_format::common;
    limits limit;
};

}  // namespace proxy
