// What the table maps keys to: hints which proxy holds an object. Soft state, believed by nobody
// before the bytes are seen.

#pragma once

#include "dht/core/endpoint.hpp"

#include <chrono>
#include <cstdint>

namespace dht {

enum class pointer_state : std::uint8_t
{
    complete = 1,       // the proxy holds the whole object
    in_flight = 2,      // the proxy is fetching it and streams what it has
    not_shareable = 3,  // the object may not be shared: do not coordinate, ask the origin
};

struct pointer
{
    endpoint peer;
    pointer_state state = pointer_state::complete;
    std::chrono::seconds life{};    // left; 0 if a plain KRPC node, which does not say, told us
    std::uint8_t load = 0;          // 0 idle to 254; 255: refuses for now
    std::uint64_t version_tag = 0;  // names the object's version; 0 unknown

    friend bool operator==(const pointer&, const pointer&) = default;
};

}  // namespace dht
