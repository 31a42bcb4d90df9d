// Nodes that lie.

#pragma once

#include "dht/core/endpoint.hpp"
#include "tests/sim/world/world.hpp"

#include <cstddef>
#include <optional>
#include <vector>

namespace sim {

// What a liar says in its answers. For the rest it is a node like any other: it answers from where
// its ID says it is, so others keep it.
struct lies
{
    bool about_nodes = false;   // the contacts it names are its accomplices, or nobody
    bool about_values = false;  // it has a pointer for every key, to where nobody is
    bool about_load = false;    // it is full and loaded for every key
};

// Contacts are taken from the accomplices if there are any.
void make_liar(
    world& reef, std::size_t index, const lies& what, std::vector<dht::endpoint> accomplices = {});

// Endpoints whose IDs share so many leading bits with the key. An ID follows from the address, so
// an attacker must have many to choose from: here the ports of as many addresses as it takes.
std::vector<dht::endpoint> endpoints_beside(
    const dht::node_id& key, std::size_t count, unsigned shared_bits);

}  // namespace sim
