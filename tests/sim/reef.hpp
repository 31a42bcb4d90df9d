// What the scenarios share: keys, populating a world, and asking it.

#pragma once

#include "tests/sim/world/world.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

namespace sim {

constexpr std::chrono::seconds an_hour{3'600};

// How many worlds a test looks at: more than the few that every run affords with
// ATOLL_SIM_SEEDS=20.
inline std::uint64_t seeds_wanted(std::uint64_t usual)
{
    const char* const wanted = std::getenv("ATOLL_SIM_SEEDS");
    return wanted == nullptr ? usual : std::stoul(wanted);
}

inline dht::node_id key_number(std::size_t number)
{
    return dht::index_key("atoll", "http://example.com/" + std::to_string(number), "");
}

// Each node joins through one that is already there, a tenth of a second after the one before.
inline void populate(world& reef, std::size_t count)
{
    for (std::size_t i = 0; i < count; ++i) {
        reef.add_node(i == 0 ? std::vector<std::size_t>{} : std::vector{reef.random().below(i)});
        reef.run_for(std::chrono::milliseconds{100});
    }
    reef.run_for(std::chrono::seconds{60});
}

// Fast for many nodes: a batch joins at a time, each through a random one of those before.
inline void grow(world& reef, std::size_t count)
{
    while (reef.size() < count) {
        const std::size_t known = reef.size();
        const std::size_t batch = std::min(count - known, std::max<std::size_t>(known / 16, 1));
        for (std::size_t i = 0; i < batch; ++i) {
            reef.add_node(
                known == 0 ? std::vector<std::size_t>{} : std::vector{reef.random().below(known)});
        }
        reef.run_for(std::chrono::seconds{1});
    }
    reef.run_for(std::chrono::seconds{60});
}

// Whether it is told of the true holder: at once, or after it has found out that it was lied to.
inline bool is_delivered(
    world& reef, std::size_t asker, const dht::node_id& key, std::size_t holder)
{
    constexpr std::size_t tried = 16;  // of those that are named
    const auto names_holder = [&](const dht::get_result& got) {
        const auto end =
            got.pointers.begin() + static_cast<long>(std::min(got.pointers.size(), tried));
        return std::any_of(got.pointers.begin(), end, [&](const dht::pointer& one) {
            return one.peer == reef.where(holder);
        });
    };
    const dht::get_result first = reef.get(asker, key, std::chrono::milliseconds{2'500});
    if (names_holder(first)) {
        return true;
    }
    std::vector<dht::endpoint> rejected;
    for (const dht::pointer& one : first.pointers) {
        rejected.push_back(one.peer);
    }
    return names_holder(reef.get_again(asker, key, rejected, std::chrono::seconds{10}));
}

struct yield
{
    std::size_t asked = 0;
    std::size_t found = 0;
    std::size_t hops = 0;
    std::size_t most_hops = 0;

    double mean_hops() const { return static_cast<double>(hops) / static_cast<double>(asked); }
};

// Every node that is up asks for each of the keys, of which key i was put by node i; with a stride
// each node asks for some of them and each of them is asked for by some, evenly.
inline yield ask_for_all(world& reef, std::size_t keys, std::size_t stride = 1)
{
    yield result;
    for (std::size_t asker = 0; asker < reef.size(); ++asker) {
        for (std::size_t key = 0; key < keys; ++key) {
            const bool is_left_out = (asker + key) % stride != 0;
            if (is_left_out || key == asker || !reef.is_up(asker)) {
                continue;
            }
            const dht::get_result found = reef.get(asker, key_number(key));
            ++result.asked;
            result.found += found.pointers.empty() ? 0 : 1;
            result.hops += found.hops;
            result.most_hops = std::max(result.most_hops, found.hops);
        }
    }
    return result;
}

}  // namespace sim
