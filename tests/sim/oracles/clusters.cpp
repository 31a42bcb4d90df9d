#include "tests/sim/oracles/clusters.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace sim {

std::map<dht::cluster_id, std::size_t> clusters(const world& reef, dht::level_number level)
{
    std::map<dht::cluster_id, std::size_t> sizes;
    for (std::size_t i = 0; i < reef.size(); ++i) {
        if (reef.is_node(i)) {
            ++sizes[reef.at(i).scope(level).cluster];
        }
    }
    return sizes;
}

bool are_local(const world& reef, dht::level_number level)
{
    std::map<dht::cluster_id, std::set<std::size_t>> seen;
    for (std::size_t i = 0; i < reef.size(); ++i) {
        if (reef.is_node(i)) {
            seen[reef.at(i).scope(level).cluster].insert(reef.site_of(i));
        }
    }
    return std::all_of(
        seen.begin(), seen.end(), [](const auto& one) { return one.second.size() == 1; });
}

std::size_t moves(const world& reef, dht::level_number level)
{
    std::size_t count = 0;
    for (std::size_t i = 0; i < reef.size(); ++i) {
        if (reef.is_node(i)) {
            count += reef.at(i).snapshot().levels[level - 1U].moves;
        }
    }
    return count;
}

void expect_settled(
    world& reef, dht::level_number level, std::size_t sites, std::chrono::minutes span)
{
    EXPECT_EQ(clusters(reef, level).size(), sites);
    EXPECT_TRUE(are_local(reef, level));
    const auto before = clusters(reef, level);
    const std::size_t moved = moves(reef, level);
    reef.run_for(span);
    EXPECT_TRUE(clusters(reef, level) == before) << "somebody has moved";
    EXPECT_EQ(moves(reef, level), moved);
}

}  // namespace sim
