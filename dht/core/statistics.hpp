// What a node counts.

#pragma once

#include "dht/core/cluster.hpp"
#include "dht/core/endpoint.hpp"
#include "dht/core/node_id.hpp"
#include "dht/core/reachability.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace dht {

// Why a datagram was not used.
enum class drop_reason : std::uint8_t
{
    over_rate,      // its source sends more than its share (counted by the transport)
    malformed,      // no message; see errc
    other_network,  // a query or answer of another network, or of a plain node
    unmatched,      // an answer to nothing we asked, or too late
    not_sent,       // the system's send buffer was full (counted by the transport)
    not_read,       // the system's receive buffer was full (counted by the transport)

    // Where there is a swarm key.
    not_sealed,     // a plain datagram, or noise
    unknown_key,    // sealed with a key that is not in our ring
    not_authentic,  // with a key of another swarm, or altered
    wrong_time,     // a copy of an old one, or its sender's clock or ours is wrong
    misdirected,    // an answer sealed as a query, or a query as an answer
};

constexpr std::size_t drop_reason_count = 11;

// As in the enumeration; the label of the counter.
std::string_view to_string(drop_reason why);

// One level above 0.
struct level_statistics
{
    level_number level = 0;
    std::chrono::milliseconds bound{};  // round trips up to it are near
    cluster_summary cluster;
    std::size_t members = 0;  // in our table, with a known round trip
    std::size_t members_near = 0;
    std::size_t values = 0;
    std::size_t moves = 0;  // to other clusters, since the start
};

// A key that others have asked this node about often, in the last whole minute.
struct key_load
{
    node_id key;
    std::uint64_t requests = 0;  // gets, puts, claims
    bool is_root = false;        // this node knows nobody closer to the key
};

struct statistics
{
    // Now.
    std::size_t contacts = 0;
    std::size_t good_contacts = 0;
    std::size_t values_stored = 0;
    std::size_t announcements = 0;
    std::size_t operations = 0;
    std::size_t leases_granted = 0;  // expired ones that were not swept yet included
    std::size_t leases_held = 0;
    double estimated_network_size = 1;
    std::chrono::microseconds round_trip{};  // 0: nobody has answered yet
    std::vector<level_statistics> levels;
    std::vector<key_load> busy_keys;  // the busiest first, a few (filled in by the transport)
    std::optional<endpoint> own;      // nothing: nobody has told it yet
    bool is_v6 = false;               // of which family the table is
    reach reached = reach::unknown;

    // Since the start.
    std::uint64_t datagrams_in = 0;
    std::uint64_t datagrams_out = 0;
    std::uint64_t octets_in = 0;
    std::uint64_t octets_out = 0;
    std::uint64_t queries_answered = 0;
    std::uint64_t queries_sent = 0;
    std::uint64_t queries_repeated = 0;
    std::uint64_t queries_failed = 0;
    std::uint64_t queries_skipped =
        0;  // somebody else was asked, or nobody: too many to one address
    std::uint64_t gets = 0;
    std::uint64_t gets_found = 0;
    std::uint64_t gets_timed_out = 0;
    std::uint64_t gets_known_absent = 0;  // nobody was asked: a get just before had found nothing
    std::uint64_t puts = 0;
    std::uint64_t puts_stored = 0;  // somewhere
    std::uint64_t claims = 0;
    std::uint64_t claims_led = 0;
    std::uint64_t leases_lost = 0;         // ours, to others or to silence
    std::uint64_t leases_taken = 0;        // that we granted, from holders that were silent
    std::uint64_t refused_operations = 0;  // too many at a time
    std::uint64_t failed_saves = 0;        // of the contacts file
    std::array<std::uint64_t, drop_reason_count> dropped{};

    std::uint64_t& drops(drop_reason why) { return dropped[static_cast<std::size_t>(why)]; }
    std::uint64_t drops(drop_reason why) const { return dropped[static_cast<std::size_t>(why)]; }
};

}  // namespace dht
