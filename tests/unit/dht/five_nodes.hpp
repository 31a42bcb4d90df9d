// A network of five nodes that know each other: what tests of operations start from.

#pragma once

#include "tests/sim/world/world.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace dht {

class five_nodes : public ::testing::Test
{
protected:
    void SetUp() override
    {
        for (std::size_t i = 0; i < 5; ++i) {
            reef.add_node(i == 0 ? std::vector<std::size_t>{} : std::vector<std::size_t>{0});
            reef.run_for(std::chrono::seconds{1});
        }
    }

    const node_id key = sha1("key");
    sim::world reef{1};
};

}  // namespace dht
