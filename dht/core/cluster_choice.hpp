// Which of two clusters to be in, and when one is too wide to stay (Coral, section 3.3). Pure
// functions.

#pragma once

#include "dht/core/cluster.hpp"
#include "dht/core/config.hpp"

#include <cstddef>

namespace dht {

// A cluster as one node sees it.
struct cluster_view
{
    cluster_summary summary;
    std::size_t members_seen = 0;  // whose round trip is known
    std::size_t members_near = 0;  // within the bound of the level
};

// Enough members are near to join it.
bool is_acceptable(const cluster_view& view, const config& settings);

// So many are not near that the node founds a cluster of its own: this is how clusters split.
bool is_too_wide(const cluster_view& view, const config& settings);

// How much the sizes must differ, in powers of two, before size decides: a square wave over the
// age, so that clusters of similar size do not swap members for ever.
double least_difference(std::chrono::seconds age, const config& settings);

// Whether a node should rather be in `other` than in `own`: the larger one where sizes differ
// enough, else the one with the lower ID. Of any two clusters exactly one is preferred, and all
// nodes that know the same sizes and ages agree on it.
bool is_preferred(const cluster_summary& other, const cluster_summary& own, const config& settings);

}  // namespace dht
