// The serving half of a node: a query in, the answer out.

#pragma once

#include "dht/core/config.hpp"
#include "dht/core/message.hpp"
#include "dht/core/routing_table.hpp"
#include "dht/core/time_point.hpp"
#include "dht/core/token_mint.hpp"
#include "dht/core/value_store.hpp"

#include <cstddef>
#include <string>
#include <variant>

namespace dht {

// A query as it came: from where, and how large it was (for the limit on the answer).
struct received_query
{
    const query& what;
    const endpoint& from;
    std::size_t octets;
};

// Answers queries of nodes of this network; the node has turned away all others. Refers to parts of
// the node that owns it.
class responder
{
public:
    using answer = std::variant<response, error_reply>;

    responder(const config& settings,
        const routing_table& table,
        value_store& values,
        token_mint& tokens);

    answer operator()(const received_query& received, time_point now);

private:
    answer find_node(const received_query& received, const find_node_query& method) const;
    answer get_peers(const received_query& received, const get_peers_query& method, time_point now);
    answer get_values(
        const received_query& received, const get_peers_query& method, time_point now);
    answer probe(const received_query& received, const get_peers_query& method, time_point now);
    answer announce(const received_query& received, const announce_query& method, time_point now);
    response reply_to(const received_query& received) const;
    std::size_t contacts_allowed(const received_query& received) const;

    const config& settings_;
    const routing_table& table_;
    value_store& values_;
    token_mint& tokens_;
    network_tag network_;
};

}  // namespace dht
