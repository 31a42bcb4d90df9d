// Joining, finding, and what survives faults.

#include "tests/sim/world.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace sim {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::seconds an_hour{3'600};

dht::node_id key_number(std::size_t number)
{
    return dht::index_key("atoll", "http://example.com/" + std::to_string(number), "");
}

// Each node joins through one that is already there, a tenth of a second after the one before.
void populate(world& reef, std::size_t count)
{
    for (std::size_t i = 0; i < count; ++i) {
        reef.add_node(i == 0 ? std::vector<std::size_t>{} : std::vector{reef.random().below(i)});
        reef.run_for(100ms);
    }
    reef.run_for(60s);
}

struct yield
{
    std::size_t asked = 0;
    std::size_t found = 0;
    std::size_t hops = 0;
    std::size_t most_hops = 0;
};

// Every `stride`-th node asks for every key.
yield ask_for_all(world& reef, std::size_t keys, std::size_t stride)
{
    yield result;
    for (std::size_t asker = 0; asker < reef.size(); asker += stride) {
        for (std::size_t key = 0; key < keys; ++key) {
            if (key % reef.size() == asker || !reef.is_up(asker)) {
                continue;  // its own
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

TEST(DhtLookupTest, EveryKeyIsFoundFromEveryOf64Nodes)
{
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
        world reef{seed};
        populate(reef, 64);
        for (std::size_t key = 0; key < 64; ++key) {
            EXPECT_GE(reef.put(key, key_number(key), an_hour).copies, 3U);
        }
        const yield result = ask_for_all(reef, 64, 1);
        EXPECT_EQ(result.found, result.asked);
        RecordProperty("mean_hops",
            std::to_string(static_cast<double>(result.hops) / static_cast<double>(result.asked)));
        std::printf("seed %lu: %zu of %zu found, %.2f hops, at most %zu\n",
            seed,
            result.found,
            result.asked,
            static_cast<double>(result.hops) / static_cast<double>(result.asked),
            result.most_hops);
    }
}

}  // namespace
}  // namespace sim
