// A network of real DHT nodes in one thread and in virtual time. A seed makes the whole run.

#pragma once

#include "dht/core/node.hpp"
#include "tests/sim/world/seeded_random.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <string>
#include <vector>

namespace sim {

// What the network does to datagrams. Numbers, so that a test can say how bad it is.
struct link_model
{
    std::chrono::microseconds least_delay{5'000};  // one way; fixed for each pair of nodes
    std::chrono::microseconds most_delay{40'000};
    std::chrono::microseconds jitter{2'000};  // more than the gap between two datagrams reorders
    unsigned loss_permille = 0;
    unsigned duplication_permille = 0;

    // Not empty: nodes live in so many sites, in turn; one way from each site to each takes so long
    // instead of the above, give or take a tenth that is fixed for each pair of nodes.
    std::vector<std::vector<std::chrono::microseconds>> site_delays;
};

// The whole network as one cluster: what concerns levels is not to disturb what does not.
inline dht::config one_level()
{
    dht::config settings;
    settings.level_bounds.resize(1);
    return settings;
}

// Owns the nodes, the clock and the datagrams on their way. When a test fails while a world lives,
// it prints the seed and the number of the event that was reached; the same seed gives the same
// trace.
class world
{
public:
    explicit world(std::uint64_t seed,
        const link_model& links = {},
        const dht::config& settings = one_level());
    ~world();

    world(const world&) = delete;
    world& operator=(const world&) = delete;

    // Nodes are numbered from 0 and live at addresses of their own.
    std::size_t add_node(const std::vector<std::size_t>& seeds);
    std::size_t add_node(const std::vector<std::size_t>& seeds, const dht::config& settings);

    // Ends a node without a word. Its memory is gone.
    void kill(std::size_t index);

    // Starts it again where it was, knowing these nodes and these contacts of its last run.
    void restart(std::size_t index,
        const std::vector<std::size_t>& seeds,
        const std::vector<dht::endpoint>& remembered = {});

    // From its next start on.
    void configure(std::size_t index, const dht::config& settings)
    {
        boxes_[index].settings = settings;
    }

    // Nodes of different groups do not hear each other. All start in group 0.
    void move_to_group(std::size_t index, unsigned group) { boxes_[index].group = group; }

    void run_for(std::chrono::milliseconds span);

    dht::get_result get(std::size_t index,
        const dht::node_id& key,
        std::chrono::milliseconds budget = std::chrono::milliseconds{5'000});
    dht::put_done put(std::size_t index, const dht::node_id& key, std::chrono::seconds life);

    // Starts one and forgets it; the result is counted by the node.
    void begin_get(std::size_t index, const dht::node_id& key);
    void begin_put(std::size_t index, const dht::node_id& key, std::chrono::seconds life);
    void announce(std::size_t index,
        const dht::node_id& key,
        std::chrono::seconds life,
        const dht::pointer& value = {});
    void withdraw(std::size_t index, const dht::node_id& key);

    // A claim, naming a silent holder unless 0; begin_claim does not wait for its end.
    struct ended_claim
    {
        dht::time_point when;
        dht::claim_result result;
    };

    dht::operation_id begin_claim(std::size_t index,
        const dht::node_id& key,
        dht::lease_number silent = 0,
        std::chrono::milliseconds budget = std::chrono::milliseconds{1'000});
    const ended_claim* claim_of(std::size_t index, dht::operation_id operation) const;
    dht::claim_result claim(std::size_t index,
        const dht::node_id& key,
        dht::lease_number silent = 0,
        std::chrono::milliseconds budget = std::chrono::milliseconds{1'000});
    void complete(std::size_t index,
        const dht::node_id& key,
        dht::lease_number number,
        const dht::pointer& value = {});
    void release(std::size_t index,
        const dht::node_id& key,
        dht::lease_number number,
        dht::release_reason why);
    std::size_t leases_lost() const { return leases_lost_; }

    dht::node& at(std::size_t index) { return *boxes_[index].machine; }
    bool is_up(std::size_t index) const { return boxes_[index].machine != nullptr; }
    const dht::endpoint& where(std::size_t index) const { return boxes_[index].where; }
    std::size_t size() const { return boxes_.size(); }
    dht::time_point now() const { return now_; }
    std::size_t site_of(std::size_t index) const;
    std::size_t closest_to(const dht::node_id& key) const;

    // How many get_peers and announce_peer queries for the key each node has received since this
    // was called.
    void watch(const dht::node_id& key);
    const std::vector<std::size_t>& watched() const { return watched_counts_; }

    std::uint64_t events() const { return events_; }
    std::uint64_t datagrams() const { return datagrams_; }
    std::uint64_t trace() const { return trace_; }  // a digest of all that was delivered, and when

    seeded_random& random() { return random_; }

private:
    struct box
    {
        dht::endpoint where;
        dht::config settings;
        std::unique_ptr<seeded_random> random;
        std::unique_ptr<dht::node> machine;
        unsigned group = 0;
        unsigned incarnation = 0;
        std::optional<dht::time_point> timer;
    };

    struct event
    {
        dht::time_point when;
        std::uint64_t number;
        std::size_t to;
        std::optional<std::size_t> from;  // none: a timer
        std::string octets;

        friend bool operator>(const event& left, const event& right)
        {
            return left.when != right.when ? left.when > right.when : left.number > right.number;
        }
    };

    void start(std::size_t index,
        const std::vector<std::size_t>& seeds,
        const std::vector<dht::endpoint>& remembered);
    bool step(dht::time_point until);
    void deliver(const event& happening);
    void drain(std::size_t index);
    void transmit(std::size_t from, const dht::send_datagram& datagram);
    std::chrono::microseconds base_delay(std::size_t from, std::size_t to) const;
    void enqueue(std::size_t from, std::size_t to, const std::string& octets);
    void count_watched(std::size_t to, const std::string& octets);
    bool happens(unsigned permille);

    std::uint64_t seed_;
    link_model links_;
    dht::config settings_;
    seeded_random random_;
    dht::time_point now_;
    std::vector<box> boxes_;
    std::map<dht::endpoint, std::size_t> directory_;
    std::priority_queue<event, std::vector<event>, std::greater<>> queue_;
    std::map<std::pair<std::size_t, dht::operation_id>, dht::get_result> gets_;
    std::map<std::pair<std::size_t, dht::operation_id>, dht::put_done> puts_;
    std::map<std::pair<std::size_t, dht::operation_id>, ended_claim> claims_;
    std::size_t leases_lost_ = 0;
    std::uint64_t numbered_ = 0;
    std::uint64_t events_ = 0;
    std::uint64_t datagrams_ = 0;
    std::uint64_t trace_ = 0xcbf29ce484222325ULL;
    std::optional<dht::node_id> watched_;
    std::vector<std::size_t> watched_counts_;
};

}  // namespace sim
