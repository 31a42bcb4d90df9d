// What can change while the program runs: one value that never changes itself. Each worker holds
// the one in force, and whatever is under way goes on by the one it began with.

#pragma once

#include "proxy/core/egress.hpp"
#include "proxy/core/target.hpp"

#include <vector>

namespace proxy {

struct live_rules
{
    target_rules targets;
    std::vector<address_block> allow_client;  // besides loopback
    std::vector<address_block> allow_target;  // exceptions of the egress gate
    std::vector<address_block> allow_purge;
};

}  // namespace proxy
