// What nodes tell each other of the clusters they are in (Coral, section 3.3).

#pragma once

#include <array>
#include <chrono>
#include <cstdint>

namespace dht {

// Level 0 is the whole network. Each further level is a partition of it into clusters of nodes that
// are near each other; a node is in one cluster of each level.
using level_number = std::uint8_t;

// Chosen at random by the node that founds the cluster. Level 0 has the one of zeros.
using cluster_id = std::array<std::uint8_t, 8>;

struct cluster_summary
{
    cluster_id id{};
    double size = 1;             // nodes, as the one who tells it estimates them
    std::chrono::seconds age{};  // since it was founded

    friend bool operator==(const cluster_summary&, const cluster_summary&) = default;
};

// At which level a query is asked, and in which of its clusters: who is in another one answers
// without contacts and values.
struct query_scope
{
    level_number level = 0;
    cluster_id cluster{};

    friend bool operator==(const query_scope&, const query_scope&) = default;
};

}  // namespace dht
