// Takes out of use what an operator has declared out of date.

#pragma once

#include "cache/policy/purge.hpp"
#include "proxy/net/coroutine.hpp"

#include <cstdint>

namespace proxy {

struct services;

struct purge_counts
{
    std::uint64_t in_memory = 0;
    std::uint64_t on_disk = 0;
    bool disk_failed = false;  // or is not open yet: what it holds may be found again
};

// When it returns nothing that the order is about is found in either tier as it was. What was under
// way is not kept, and copies of peers that are older are not taken.
awaitable<purge_counts> purge(services& shared, cache::purge_order order);

}  // namespace proxy
