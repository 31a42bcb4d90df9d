// Which clusters there are, for networks whose nodes live in sites.

#pragma once

#include "tests/sim/world/world.hpp"

#include <cstddef>
#include <map>

namespace sim {

// The clusters of a level, and how many nodes are in each.
std::map<dht::cluster_id, std::size_t> clusters(const world& reef, dht::level_number level);

// No cluster reaches over two sites.
bool are_local(const world& reef, dht::level_number level);

// How often nodes have moved to other clusters of the level, since they started.
std::size_t moves(const world& reef, dht::level_number level);

// Each site is one cluster, and nobody moves for so long.
void expect_settled(
    world& reef, dht::level_number level, std::size_t sites, std::chrono::minutes span);

}  // namespace sim
