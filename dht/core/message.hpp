// The messages that nodes exchange: KRPC (BEP 5) and the dictionary `sl` of the sloppy table.

#pragma once

#include "dht/core/cluster.hpp"
#include "dht/core/contact.hpp"
#include "dht/core/lease.hpp"
#include "dht/core/node_id.hpp"
#include "dht/core/pointer.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace dht {

using network_tag = std::array<std::uint8_t, 8>;

// First 8 octets of the SHA-1 of the network's name.
network_tag tag_of(std::string_view network);

// What a node found when it was asked to store (`st` of a reply).
enum class store_status : std::uint8_t
{
    stored = 0,           // new, in place of another, or refreshed
    full = 1,             // enough values, none of them older than this one may displace
    loaded = 2,           // as 3, from a node that tells them apart; we never send it
    full_and_loaded = 3,  // the putter goes back one step on its path
};

// A node that wants to know whether strangers reach it asks a contact to have another node ping it.
struct reach_request
{
    enum class step : std::uint8_t
    {
        wanted,   // to the contact
        pass_on,  // from the contact to the other node
        probe,    // from the other node to who wanted it
    };

    step what = step::wanted;
    endpoint whom = {};  // of pass_on: who is to be pinged
};

struct ping_query
{
    std::optional<reach_request> reach = std::nullopt;
};

struct find_node_query
{
    node_id target;
};

struct get_peers_query
{
    node_id key;
    // Set: asked by a put that wants to store for so long. The answer judges `full` by it and
    // brings contacts instead of values.
    std::optional<std::chrono::seconds> put_life;
    std::optional<claim_terms> claim = std::nullopt;
};

// `sl` of announce_peer; plain BEP 5 without.
struct put_terms
{
    // None: withdraw.
    std::optional<pointer_state> state;
    std::chrono::seconds life{};
    std::uint8_t load = 0;
    std::uint64_t version_tag = 0;
    // Not 0: this renews or ends the lease of that number.
    lease_number lease = 0;
    std::uint64_t received_octets = 0;
};

struct announce_query
{
    node_id key;
    std::string token;
    // 0: the port that the datagram came from (implied_port).
    std::uint16_t port = 0;
    std::optional<put_terms> put;
    // Beside implied_port: libtorrent refuses an announcement that names no port, and ignores it.
    std::uint16_t port_ignored = 0;
};

// A method that we do not know. Answered with error 204, as BEP 5 says.
struct unknown_query
{
};

using query_method =
    std::variant<ping_query, find_node_query, get_peers_query, announce_query, unknown_query>;

struct query
{
    node_id sender;
    std::optional<network_tag> network;  // `nw`; none: plain KRPC
    query_scope scope = {};
    std::vector<cluster_summary> clusters = {};  // of the sender, from level 1 on
    bool read_only = false;                      // BEP 43: never enters a routing table
    query_method method;
};

// `sl` of a reply. Which of it has a meaning depends on the query, as all of KRPC does.
struct sloppy_reply
{
    std::optional<network_tag> network;
    bool full = false;
    bool loaded = false;
    std::optional<store_status> status;
    std::optional<std::chrono::seconds> granted;
    std::optional<lease_answer> lease = std::nullopt;
    std::vector<cluster_summary> clusters = {};  // of the answering node, from level 1 on
    // To get_peers: contacts and values are of this level, because the answering node knows nobody
    // closer to the key in the cluster that it was asked in. None: as it was asked.
    std::optional<level_number> level = std::nullopt;
    bool passed_on = false;  // to a ping: what it wanted was passed on
    bool read_only = false;  // as in a query; an answer of ours cannot be forged
};

struct response
{
    node_id sender;
    std::optional<endpoint> reported;  // `ip` (BEP 42): where the answering node saw us
    std::string token;
    std::vector<contact> nodes;
    std::vector<pointer> values;
    std::optional<sloppy_reply> sloppy;  // none: a plain node
    bool always_has_nodes = false;       // BEP 5: an empty list where nobody is known
};

enum class krpc_error : std::uint16_t
{
    generic = 201,
    server = 202,
    protocol = 203,  // a token that is not ours or no longer valid
    unknown_method = 204,
    other_network = 310,  // ours; other nodes treat any error as a contact of no use, as intended
};

struct error_reply
{
    std::int64_t code = 0;
};

struct message
{
    // Chosen by who asks, repeated by who answers. Ours have 4 octets.
    std::string transaction;
    std::variant<query, response, error_reply> body;
};

}  // namespace dht
