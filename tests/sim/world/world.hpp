// A network of real DHT nodes in one thread and in virtual time. A seed makes the whole run.

#pragma once

#include "dht/core/node.hpp"
#include "tests/sim/world/actor.hpp"
#include "tests/sim/world/event_queue.hpp"
#include "tests/sim/world/link_model.hpp"
#include "tests/sim/world/seeded_random.hpp"
#include "tests/sim/world/witness.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace sim {

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

    // Nodes are numbered from 0. They live at 10.0.0.1 and so on, or where they are told to.
    std::size_t add_node(const std::vector<std::size_t>& seeds);
    std::size_t add_node(const std::vector<std::size_t>& seeds, const dht::config& settings);
    std::size_t add_node_at(const dht::endpoint& where,
        const std::vector<std::size_t>& seeds,
        const dht::config& settings);
    std::size_t add_actor(std::unique_ptr<actor> model);

    // What an actor has to say after somebody other than the world has called it.
    void carry_out(std::size_t index) { drain(index); }

    dht::endpoint next_address() const;

    // Ends a node without a word. Its memory is gone.
    void kill(std::size_t index);

    // Takes back what it announced, and ends a second later.
    void leave(std::size_t index);

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

    // What `from` sends does not reach `to`; the other way is open.
    void cut(std::size_t from, std::size_t to);
    void heal(std::size_t from, std::size_t to);

    // Behind a gateway: heard from is only who was sent something lately.
    void put_behind_nat(std::size_t index) { boxes_[index].is_behind_nat = true; }

    void set_clock(std::size_t index, const clock_error& error);

    // It does nothing for so long; what it should have done, and what came, waits.
    void pause(std::size_t index, std::chrono::milliseconds span);

    // Everything it sends goes through here: changed, or dropped where nothing comes back.
    using filter =
        std::function<std::optional<std::string>(std::string octets, const dht::endpoint& to)>;
    void set_filter(std::size_t index, filter change);

    void run_for(std::chrono::milliseconds span);
    void at(dht::time_point when, std::function<void()> action);

    dht::get_result get(std::size_t index,
        const dht::node_id& key,
        std::chrono::milliseconds budget = std::chrono::milliseconds{5'000});
    dht::get_result get_again(std::size_t index,
        const dht::node_id& key,
        const std::vector<dht::endpoint>& rejected,
        std::chrono::milliseconds budget = std::chrono::milliseconds{5'000});
    dht::put_done put(std::size_t index, const dht::node_id& key, std::chrono::seconds life);

    // Starts one; the end is told, if anybody wants to know.
    using get_handler = std::function<void(const dht::get_result&)>;
    void begin_get(std::size_t index,
        const dht::node_id& key,
        get_handler done = {},
        std::chrono::milliseconds budget = std::chrono::milliseconds{1'000});
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
    const dht::node& at(std::size_t index) const { return *boxes_[index].machine; }
    bool is_node(std::size_t index) const { return boxes_[index].machine != nullptr; }
    bool is_up(std::size_t index) const { return boxes_[index].machine || boxes_[index].model; }
    const dht::endpoint& where(std::size_t index) const { return boxes_[index].where; }
    std::optional<std::size_t> index_of(const dht::endpoint& where) const;
    std::size_t size() const { return boxes_.size(); }
    dht::time_point now() const { return now_; }
    dht::time_point now_at(std::size_t index) const;  // by the node's own clock
    std::size_t site_of(std::size_t index) const;
    std::size_t closest_to(const dht::node_id& key) const;

    // How many get_peers and announce_peer queries for the key each node has received since this
    // was called.
    void watch(const dht::node_id& key);
    const std::vector<std::size_t>& watched() const { return watched_counts_; }

    // The witness must outlive the world, or the running of it.
    void add_witness(witness& one) { witnesses_.push_back(&one); }

    std::uint64_t events() const { return events_; }
    std::uint64_t datagrams() const { return datagrams_; }
    std::uint64_t trace() const { return trace_; }  // a digest of all that was delivered, and when

    seeded_random& random() { return random_; }

    // By how much a deadline that a node named had passed already.
    dht::duration most_overdue() const { return most_overdue_; }

    static constexpr dht::time_point epoch{std::chrono::hours{1}};

private:
    class failure_teller;

    struct box
    {
        dht::endpoint where;
        dht::config settings;
        std::unique_ptr<seeded_random> random;
        std::unique_ptr<dht::node> machine;
        std::unique_ptr<actor> model;
        filter change;
        unsigned group = 0;
        unsigned incarnation = 0;
        std::optional<dht::time_point> timer;  // when its next event in the queue is
        clock_error clock;
        dht::time_point paused_until{};
        bool is_behind_nat = false;
        std::unordered_map<std::uint32_t, dht::time_point> sent_to;  // by a gateway's memory
    };

    struct pending_operation
    {
        dht::time_point deadline;
        get_handler got;
        std::function<void(const dht::put_done&)> put;
    };
    using operation_key = std::pair<std::size_t, dht::operation_id>;

    std::size_t add_box(const dht::endpoint& where);
    void start(std::size_t index,
        const std::vector<std::size_t>& seeds,
        const std::vector<dht::endpoint>& remembered);
    bool step(dht::time_point until);
    void handle_timer(const event& happening);
    void handle_datagram(const event& happening);
    bool is_passed(const event& happening);
    bool waits(const event& happening);
    void drain(std::size_t index);
    void end_operation(std::size_t index, dht::output& done);
    dht::get_result wait_for_get(
        std::size_t index, dht::operation_id operation, std::chrono::milliseconds budget);
    void set_timer(std::size_t index);
    void transmit(std::size_t from, dht::send_datagram& datagram);
    void enqueue(std::size_t from, std::size_t to, const std::string& octets);
    std::chrono::microseconds base_delay(std::size_t from, std::size_t to) const;
    dht::time_point local_time(const box& of, dht::time_point when) const;
    dht::time_point world_time(const box& of, dht::time_point local) const;
    void count_watched(std::size_t to, const std::string& octets);
    bool happens(unsigned permille);
    void expect_no_operation_overdue() const;

    std::uint64_t seed_;
    link_model links_;
    dht::config settings_;
    seeded_random random_;
    dht::time_point now_;
    std::vector<box> boxes_;
    std::map<dht::endpoint, std::size_t> odd_addresses_;  // of those who were told where to live
    std::set<std::pair<std::size_t, std::size_t>> cuts_;
    event_queue queue_;
    std::map<operation_key, pending_operation> operations_;
    std::map<operation_key, ended_claim> claims_;
    std::size_t leases_lost_ = 0;
    std::uint64_t events_ = 0;
    std::uint64_t datagrams_ = 0;
    std::uint64_t trace_ = 0xcbf29ce484222325ULL;
    std::optional<dht::node_id> watched_;
    std::vector<std::size_t> watched_counts_;
    std::vector<witness*> witnesses_;
    dht::duration most_overdue_{};
    std::unique_ptr<failure_teller> teller_;
};

}  // namespace sim
