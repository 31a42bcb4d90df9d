// The right to fetch an absent object from its origin, as nodes tell each other of it. Coral had
// none: simultaneous misses each went to the origin.

#pragma once

#include "dht/core/endpoint.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace dht {

// The fencing number of a lease. A node gives each number once, in rising order, so it rises for
// every key, over holders and over leases that are forgotten. 0: none.
using lease_number = std::uint64_t;

// `cm`, `dn` and `token` of get_peers: "if you have no live value, reserve for me".
struct claim_terms
{
    std::chrono::seconds life{};  // wanted
    std::string token;            // of an earlier reply to the same asker; a forged source has none
    lease_number silent = 0;      // the holder of this lease does not answer the asker
};

// `le`, `lh`, `lt` and `ln` of a reply.
struct lease_answer
{
    bool granted = false;            // the asker leads; of a renewal: it still does
    std::optional<endpoint> holder;  // who leads, if it is somebody else
    std::chrono::seconds left{};
    lease_number number = 0;
};

// What a leader says of its fetch. The tag is unknown before the head of the answer is read.
struct fetch_progress
{
    std::uint64_t received_octets = 0;
    std::uint8_t load = 0;
    std::uint64_t version_tag = 0;
};

}  // namespace dht
