// What the network of a simulation does to datagrams.

#pragma once

#include <chrono>
#include <cstddef>
#include <vector>

namespace sim {

// Numbers, so that a test can say how bad it is.
struct link_model
{
    std::chrono::microseconds least_delay{5'000};  // one way; fixed for each pair of nodes
    std::chrono::microseconds most_delay{40'000};
    std::chrono::microseconds jitter{2'000};  // more than the gap between two datagrams reorders
    unsigned loss_permille = 0;
    unsigned duplication_permille = 0;

    // So many are overtaken by what is sent later: they take up to so much longer.
    unsigned reordering_permille = 0;
    std::chrono::microseconds reordered_by{100'000};

    // What is longer is lost: the payload of an Ethernet frame without the headers.
    std::size_t mtu_octets = 1'472;

    // A gateway forgets whom the node behind it has sent something after so long.
    std::chrono::seconds nat_memory{60};

    // Not empty: nodes live in so many sites, in turn; one way from each site to each takes so long
    // instead of the above, give or take a tenth that is fixed for each pair of nodes.
    std::vector<std::vector<std::chrono::microseconds>> site_delays;
};

// How far a node's clock is off. Clocks do not run backwards.
struct clock_error
{
    std::chrono::milliseconds ahead{};
    std::int32_t fast_ppm = 0;  // of a second; quartz is off by up to 100
};

}  // namespace sim
