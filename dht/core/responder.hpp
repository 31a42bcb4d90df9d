// The serving half of a node: a query in, the answer out.

#pragma once

#include "dht/core/config.hpp"
#include "dht/core/lease_table.hpp"
#include "dht/core/levels.hpp"
#include "dht/core/message.hpp"
#include "dht/core/time_point.hpp"
#include "dht/core/token_mint.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace dht {

// A query as it came: from where, and how large it was (for the limit on the answer).
struct received_query
{
    const query& what;
    const endpoint& from;
    std::size_t octets;
    // It came in an envelope that opened: a claim then needs no token.
    bool is_authenticated = false;
};

// Answers queries of nodes of this network; the node has turned away all others. Refers to parts of
// the node that owns it.
class responder
{
public:
    using answer = std::variant<response, error_reply>;

    // What this node itself announces under a key: it has the object, or is fetching it.
    using own_pointer = std::function<std::optional<pointer>(const node_id& key, time_point now)>;

    // own may be empty.
    responder(const config& settings,
        levels& all_levels,
        lease_table& leases,
        token_mint& tokens,
        own_pointer own);

    answer operator()(const received_query& received, time_point now);

    // The two halves of a lease, for an asker whose address is proved; this node itself is one.
    //
    // A claim: what the asker is to know of the lease of the key. None: there is none, because
    // values make it needless or because there is no room.
    std::optional<lease_answer> claim(
        const node_id& key, const endpoint& asker, const claim_terms& terms, time_point now);

    // A renewal or the end of the lease terms.lease: false, and nothing done, if it is not the
    // live lease of value.peer. value says what is to be known of the key from now on.
    bool renew(const node_id& key, const pointer& value, const put_terms& terms, time_point now);

private:
    answer find_node(
        const received_query& received, const find_node_query& method, time_point now) const;
    answer of_another_cluster(const received_query& received, time_point now);
    answer get_peers(const received_query& received, const get_peers_query& method, time_point now);
    level_number level_of_answer(
        const received_query& received, const get_peers_query& method, time_point now) const;
    answer get_values(
        const received_query& received, const get_peers_query& method, time_point now);
    void make_plain(response& out, const node_id& key, const received_query& received) const;
    answer probe(const received_query& received, const get_peers_query& method, time_point now);
    answer announce(const received_query& received, const announce_query& method, time_point now);
    pointer pointer_of(const received_query& received, const announce_query& method) const;
    bool is_proved(const received_query& received,
        const std::string& token,
        const node_id& key,
        time_point now);
    std::vector<pointer> pointers(level_number level, const node_id& key, time_point now) const;
    response reply_to(const received_query& received, time_point now) const;
    bool has_earned(const received_query& received) const;
    std::size_t contacts_allowed(const received_query& received) const;
    std::vector<contact> closest(
        const received_query& received, level_number level, const node_id& target) const;
    std::vector<contact> towards(
        const received_query& received, level_number level, const node_id& key) const;

    const config& settings_;
    levels& levels_;
    lease_table& leases_;
    token_mint& tokens_;
    own_pointer own_;
    network_tag network_;
};

}  // namespace dht
