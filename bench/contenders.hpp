// Our table and the two that it is compared with, in one simulator, behind one interface.

#pragma once

#include "dht/core/node_id.hpp"
#include "tests/sim/world/world.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace bench {

// A network of nodes of one kind. Nodes are numbered as in its world.
class contender
{
public:
    struct outcome
    {
        bool is_found = false;
        std::size_t queries = 0;  // sent
        std::size_t hops = 0;     // one after the other
    };
    using handler = std::function<void(const outcome&)>;

    virtual ~contender() = default;

    virtual sim::world& reef() = 0;

    // Through a random node that is up.
    virtual void add() = 0;

    // Not called if the node dies first.
    virtual void get(std::size_t who, const dht::node_id& key, handler done) = 0;
    virtual void put(std::size_t who, const dht::node_id& key, std::chrono::seconds life) = 0;

    // Puts and puts again, as the users of the table do, until the node dies.
    virtual void announce(std::size_t who, const dht::node_id& key) = 0;

    // Requests about the key that each node gets from now on.
    virtual void watch(const dht::node_id& key) = 0;
    virtual std::vector<std::size_t> watched() = 0;
};

struct contender_kind
{
    std::string name;
    std::function<std::unique_ptr<contender>(std::uint64_t seed, std::size_t nodes)> make;
};

// "atoll", "kademlia", "chord"; each makes a network whose tables are filled.
std::vector<contender_kind> contender_kinds();

}  // namespace bench
