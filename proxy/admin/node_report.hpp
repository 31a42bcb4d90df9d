// One look at a running peer, taken when somebody asks: plain values that the server fills from its
// components. The pages are made from it.

#pragma once

#include "proxy/config.hpp"
#include "proxy/core/counters.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace proxy {

struct histogram_totals
{
    std::array<std::uint64_t, duration_histogram::bucket_count> buckets{};  // not cumulated
    double sum_seconds = 0;
};

// The counters of all workers added up. Each is read once, not all at one instant.
struct counter_totals
{
    std::array<std::uint64_t, counter_count> values{};
    histogram_totals request_duration;
    histogram_totals lookup_duration;

    std::uint64_t value(counter which) const { return values[static_cast<std::size_t>(which)]; }
};

counter_totals add_up(std::span<const counters* const> workers);

enum class store_state : std::uint8_t
{
    opening,  // answers come from memory, peers and origins meanwhile
    open,
    failing,  // the disk refuses; a pass-through until it recovers
};

struct store_report
{
    store_state state = store_state::opening;
    std::uint64_t octets = 0;
    std::uint64_t limit_octets = 0;
    std::uint64_t objects = 0;
    std::uint64_t evicted_octets = 0;
};

struct memory_report
{
    std::uint64_t octets = 0;
    std::uint64_t limit_octets = 0;
    std::uint64_t objects = 0;
    std::uint64_t evictions = 0;
};

struct contact_report
{
    host_port endpoint;
    std::string id;  // hexadecimal
    std::optional<std::chrono::microseconds> round_trip;
    unsigned shared_bits = 0;  // leading bits of its ID that are ours too: its bucket
    unsigned failures = 0;     // queries in a row that it left unanswered
};

// A key of the index that other peers asked this one about, in the last whole minute.
struct key_load_report
{
    std::string key;  // hexadecimal
    std::uint64_t requests = 0;
    bool is_root = false;  // this peer knows nobody closer to it
};

// The cluster of a level above 0 that this node is in.
struct level_report
{
    unsigned level = 0;
    bool is_v6 = false;  // in the table of IPv6
    std::chrono::milliseconds bound{};
    std::string cluster;  // hexadecimal
    double size = 1;      // estimated
    std::chrono::seconds age{};
    std::uint64_t members = 0;  // that this node knows
    std::uint64_t members_near = 0;
    std::uint64_t values = 0;
    std::uint64_t moves = 0;
};

// The index as this node sees it, the tables of both families together; nothing with --no-peers.
struct index_report
{
    std::vector<contact_report> contacts;
    std::uint64_t values = 0;  // pointers kept for others
    std::uint64_t announcements = 0;
    double network_size = 1;  // estimated
    std::uint64_t datagrams_in = 0;
    std::uint64_t datagrams_out = 0;
    std::uint64_t octets_in = 0;
    std::uint64_t octets_out = 0;
    std::uint64_t queries_sent = 0;
    std::uint64_t queries_skipped = 0;                                // not sent: too many to one
    std::vector<std::pair<std::string_view, std::uint64_t>> dropped;  // by reason; datagrams
    // Where others see this node, as long as somebody has said it; and whether strangers reach it
    // there: "open", or "closed" behind a gateway.
    std::vector<std::pair<std::string, std::string_view>> addresses;
    std::vector<level_report> levels;
    std::vector<key_load_report> busy_keys;  // the busiest first, a few
};

struct node_report
{
    std::string pseudonym;
    std::string network;
    std::string suffix;
    std::chrono::system_clock::time_point started;
    std::chrono::milliseconds uptime{0};
    host_port client;  // as bound: never port 0
    host_port peer;
    std::optional<host_port> peer6;
    host_port admin;
    std::optional<host_port> advertised;
    std::optional<host_port> advertised6;
    bool draining = false;
    std::uint64_t client_connections = 0;
    std::uint64_t dropped_log_lines = 0;
    store_report store;
    memory_report memory;
    std::optional<index_report> index;
    counter_totals count;

    // Listening and the store decided upon. The index does not matter: alone we must serve too.
    bool ready() const { return store.state != store_state::opening && !draining; }
};

// Totals that more than one page shows.
std::uint64_t requests_of_clients(const counter_totals& count);
std::uint64_t octets_to_clients(const counter_totals& count);
std::uint64_t requests_to_origins(const counter_totals& count);
std::uint64_t octets_from_origins(const counter_totals& count);

// One minus everything that came from origins, revalidations and aborted transfers included, over
// what went to clients. Negative where more was fetched than delivered. Nothing before the first
// delivery. Tunnels count on neither side: they pass the cache by.
std::optional<double> offload_of_octets(const counter_totals& count);
std::optional<double> offload_of_requests(const counter_totals& count);

}  // namespace proxy
