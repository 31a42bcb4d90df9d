// Greedy Kademlia, as a baseline: values are stored at, and asked of, the k nodes closest to the
// key.

#pragma once

#include "tests/sim/models/rpc_actor.hpp"

#include <array>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <vector>

namespace sim {

// After Maymounkov and Mazieres (2002), with what its users do: a get asks all k for their values,
// an answer brings the closest contacts of its node, long-lived contacts keep their places.
class kademlia_node final : public rpc_actor
{
public:
    static constexpr std::size_t k = 8;       // BEP 5
    static constexpr std::size_t alpha = 3;   // section 2.3
    static constexpr std::size_t values = 4;  // of an answer

    kademlia_node(const dht::endpoint& where, std::uint64_t seed) : rpc_actor(where, seed) {}

    void join(const peer& door, dht::time_point now) override;
    void leave(dht::time_point now) override;
    void get(const dht::node_id& key, result_handler done, dht::time_point now) override;
    void put(const dht::node_id& key,
        std::chrono::seconds life,
        result_handler done,
        dht::time_point now) override;

    // Fills the table from global knowledge.
    void know(const peer& one);
    std::size_t contacts() const;

private:
    struct bucket
    {
        std::vector<peer> contacts;  // longest known first
        std::vector<peer> waiting;
        dht::time_point touched{};
    };

    struct stored
    {
        dht::endpoint who;
        dht::time_point ends;
    };

    enum class progress : std::uint8_t
    {
        known,
        asked,
        answered,
        failed,
    };

    struct candidate
    {
        peer who;
        progress state = progress::known;
    };

    using lookup_handler = std::function<void(const std::vector<peer>&, const model_result&)>;

    // One iterative lookup; shared by the questions that it has in flight.
    struct lookup
    {
        std::uint8_t method;
        dht::node_id target;
        std::map<dht::node_id, candidate> candidates;  // by distance
        std::size_t in_flight = 0;
        std::map<dht::node_id, std::size_t> depth;  // in questions, one after the other
        model_result result;
        lookup_handler done;
    };

    reply answer(const peer& from, const request& asked) override;
    void heard(const peer& from) override { know(from); }
    void fell_silent(const peer& whom) override;

    void look_up(std::uint8_t method, const dht::node_id& target, lookup_handler done);
    void go_on(const std::shared_ptr<lookup>& one);
    void question(const std::shared_ptr<lookup>& one, candidate& whom);
    void refresh();
    std::vector<peer> closest(const dht::node_id& target) const;
    std::vector<dht::endpoint> live_values(const dht::node_id& key);
    void keep(const dht::node_id& key, const dht::endpoint& who, std::chrono::seconds life);

    std::array<bucket, dht::node_id::bit_count> buckets_;
    std::map<dht::node_id, std::vector<stored>> values_;
};

}  // namespace sim
