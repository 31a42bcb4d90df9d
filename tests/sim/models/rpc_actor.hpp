// Requests, answers and time-outs, as the reference models of other tables need them.

#pragma once

#include "dht/core/node_id.hpp"
#include "tests/sim/world/actor.hpp"
#include "tests/sim/world/seeded_random.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sim {

struct peer
{
    dht::node_id id;
    dht::endpoint at;

    friend bool operator==(const peer&, const peer&) = default;
};

inline peer peer_at(const dht::endpoint& where)
{
    return {dht::id_of(where), where};
}

// What an operation of a model brought.
struct model_result
{
    std::vector<dht::endpoint> values;
    std::size_t queries = 0;  // sent
    std::size_t hops = 0;     // one after the other
};

// A node of a table that is not ours, for comparison. Not a wire format anybody else speaks; it is
// trusted, and as long as the real ones are.
class rpc_actor : public actor
{
public:
    using result_handler = std::function<void(const model_result&)>;

    virtual void join(const peer& door, dht::time_point now) = 0;
    virtual void leave(dht::time_point now) = 0;
    virtual void get(const dht::node_id& key, result_handler done, dht::time_point now) = 0;
    virtual void put(const dht::node_id& key,
        std::chrono::seconds life,
        result_handler done,
        dht::time_point now) = 0;

    void handle_datagram(
        const dht::endpoint& from, std::span<const std::byte> octets, dht::time_point now) final;
    void handle_timeout(dht::time_point now) final;
    std::optional<dht::time_point> next_timeout() const final;
    std::optional<dht::send_datagram> poll_output() final;

    const peer& self() const { return self_; }

    // Requests about this key that have come since.
    void watch(const dht::node_id& key)
    {
        watched_ = key;
        watched_count_ = 0;
    }
    std::size_t watched() const { return watched_count_; }

protected:
    rpc_actor(const dht::endpoint& where, std::uint64_t seed) : self_(peer_at(where)), random_(seed)
    {
    }

    struct request
    {
        std::uint8_t method = 0;  // the model's
        dht::node_id about;
        std::uint32_t number = 0;
        std::vector<peer> nodes = {};
    };

    struct reply
    {
        bool is_final = false;
        std::vector<peer> nodes = {};
        std::vector<dht::endpoint> values = {};
    };

    virtual reply answer(const peer& from, const request& asked) = 0;
    virtual void heard(const peer& /*from*/) {}
    virtual void fell_silent(const peer& /*whom*/) {}

    // Nothing: no answer after one repetition.
    using reply_handler = std::function<void(const reply*)>;
    void ask(const peer& whom, const request& what, reply_handler done);
    void after(dht::duration span, std::function<void()> action);

    dht::time_point now() const { return now_; }
    void set_now(dht::time_point now) { now_ = now; }
    seeded_random& random() { return random_; }

private:
    using timers = std::multimap<dht::time_point, std::function<void()>>;

    struct pending
    {
        peer whom;
        std::string octets;
        reply_handler done;
        timers::iterator timer;
        bool is_repeated = false;
    };

    void is_late(std::uint32_t transaction);

    peer self_;
    seeded_random random_;
    dht::time_point now_{};
    timers timers_;
    std::map<std::uint32_t, pending> pending_;
    std::uint32_t last_transaction_ = 0;
    std::deque<dht::send_datagram> outputs_;
    dht::node_id watched_;
    std::size_t watched_count_ = 0;
};

}  // namespace sim
