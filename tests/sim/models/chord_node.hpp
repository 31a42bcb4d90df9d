// Chord, as a baseline: a key belongs to its successor on a ring.

#pragma once

#include "tests/sim/models/rpc_actor.hpp"

#include <array>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace sim {

// After Stoica et al. (2001): fingers, a list of successors, stabilisation, iterative lookups. A
// value is stored at the successor of its key and at the two after it, as DHash did.
class chord_node final : public rpc_actor
{
public:
    static constexpr std::size_t copies = 3;
    static constexpr std::size_t successors = 8;  // about log2 n of the networks simulated
    static constexpr unsigned bits = 64;          // the first ones of an ID: no two are the same

    chord_node(const dht::endpoint& where, std::uint64_t seed) : rpc_actor(where, seed) {}

    // Alone: a ring of one.
    void start(dht::time_point now);
    void join(const peer& door, dht::time_point now) override;
    void leave(dht::time_point now) override;
    void get(const dht::node_id& key, result_handler done, dht::time_point now) override;
    void put(const dht::node_id& key,
        std::chrono::seconds life,
        result_handler done,
        dht::time_point now) override;

    using position = std::uint64_t;
    static position place_of(const dht::node_id& id);

    // From global knowledge: the whole ring in the order of its places, and where this node is.
    void know(const std::vector<peer>& ring, std::size_t own, dht::time_point now);

    const std::vector<peer>& successor_list() const { return successors_; }
    const std::optional<peer>& predecessor() const { return predecessor_; }

private:
    struct stored
    {
        dht::endpoint who;
        dht::time_point ends;
    };

    // Called with the owners of the place, the first one first; none: the way is lost.
    using lookup_handler = std::function<void(const std::vector<peer>&, model_result)>;

    struct lookup
    {
        dht::node_id target;
        std::vector<peer> alternatives;  // best last
        model_result result;
        lookup_handler done;
    };

    reply answer(const peer& from, const request& asked) override;
    void fell_silent(const peer& whom) override;

    reply next_step(const dht::node_id& target) const;
    void look_up(const dht::node_id& target, lookup_handler done);
    void go_on(const std::shared_ptr<lookup>& one);
    void take_step(const std::shared_ptr<lookup>& one, const reply& step);
    void fetch(const dht::node_id& key,
        std::vector<peer> owners,
        model_result result,
        result_handler done);

    void stabilise();
    void adopt(const std::vector<peer>& after, const peer& first);
    void notified(const peer& by);
    void fix_finger();
    void farewell_of(const peer& gone, const request& said);
    void keep(const dht::node_id& key, const dht::endpoint& who, std::chrono::seconds life);
    std::vector<dht::endpoint> live_values(const dht::node_id& key) const;

    position own() const { return place_of(self().id); }

    std::vector<peer> successors_;
    std::optional<peer> predecessor_;
    std::array<std::optional<peer>, bits> fingers_;
    unsigned next_finger_ = 0;
    std::map<dht::node_id, std::vector<stored>> values_;
};

}  // namespace sim
