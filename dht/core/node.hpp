// A node of the distributed sloppy hash table.

#pragma once

#include "dht/core/absent_keys.hpp"
#include "dht/core/announcements.hpp"
#include "dht/core/busy_keys.hpp"
#include "dht/core/claim_operation.hpp"
#include "dht/core/config.hpp"
#include "dht/core/contact.hpp"
#include "dht/core/datagram_gate.hpp"
#include "dht/core/held_leases.hpp"
#include "dht/core/join_schedule.hpp"
#include "dht/core/lease.hpp"
#include "dht/core/lease_table.hpp"
#include "dht/core/levels.hpp"
#include "dht/core/lookup.hpp"
#include "dht/core/lookup_trace.hpp"
#include "dht/core/message.hpp"
#include "dht/core/mortality.hpp"
#include "dht/core/node_id.hpp"
#include "dht/core/node_output.hpp"
#include "dht/core/own_address.hpp"
#include "dht/core/pointer.hpp"
#include "dht/core/put_operation.hpp"
#include "dht/core/random_source.hpp"
#include "dht/core/rate_limiter.hpp"
#include "dht/core/reachability.hpp"
#include "dht/core/responder.hpp"
#include "dht/core/rpc_table.hpp"
#include "dht/core/silent_nodes.hpp"
#include "dht/core/sloppy_walk.hpp"
#include "dht/core/statistics.hpp"
#include "dht/core/time_point.hpp"
#include "dht/core/token_mint.hpp"
#include "dht/core/wary_walk.hpp"

#include <chrono>
#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace dht {

// Owns no socket and reads no clock: the driver brings datagrams and the time, carries out what
// poll_output() asks for, and calls handle_timeout() when next_timeout() is due. Time never goes
// back. One address family: contacts of the other are ignored.
class node
{
public:
    // bound: where the driver's socket is; if that is no particular address and none is
    // advertised, the node learns its own from others. random must outlive the node.
    node(const endpoint& bound,
        const std::optional<endpoint>& advertised,
        const config& settings,
        random_source& random,
        time_point now);
    ~node() = default;

    node(const node&) = delete;
    node& operator=(const node&) = delete;

    // Through whom to find the network: configured seeds, and contacts of the last run.
    void join(const std::vector<endpoint>& seeds,
        const std::vector<endpoint>& remembered,
        time_point now);

    // Needed where there is a swarm key, before join() and about once a minute; see datagram_gate.
    void set_unix_time(std::chrono::system_clock::time_point unix, time_point now)
    {
        gate_.set_unix_time(unix, now);
    }

    void handle_datagram(const endpoint& from, std::span<const std::byte> datagram, time_point now);
    void handle_timeout(time_point now);

    // Ends with get_done, within the budget; at once if a get of the last seconds found nothing.
    operation_id get(const node_id& key, std::chrono::milliseconds budget, time_point now);

    // The same for who was given pointers that are of no use: asks far more nodes, over ways that
    // have none in common, and takes time for it. Brings all that was said on any of them but for
    // what is rejected; what more nodes say stands first.
    operation_id get_again(const node_id& key,
        std::vector<endpoint> rejected,
        std::chrono::milliseconds budget,
        time_point now);

    // A get whose result tells each step.
    operation_id trace(const node_id& key, std::chrono::milliseconds budget, time_point now);

    // Stores a pointer to this node once; value.peer is replaced. Ends with put_done.
    operation_id put(const node_id& key, const pointer& value, time_point now);

    // Who fetches an absent object from its origin? Ends with claim_done, within the budget. Who
    // leads is renewed without being asked until complete(), release() or lease_lost.
    operation_id claim(const node_id& key, std::chrono::milliseconds budget, time_point now);

    // The same, because the holder of this number gave no answer.
    operation_id claim_lost(
        const node_id& key, lease_number silent, std::chrono::milliseconds budget, time_point now);

    // What the next renewal says. False if we do not hold this lease.
    bool renew(const node_id& key, lease_number number, const fetch_progress& progress);

    // We have the whole object: ends the lease and announces the pointer, also if the lease is
    // lost.
    void complete(const node_id& key,
        lease_number number,
        const pointer& value,
        std::chrono::seconds life,
        time_point now);

    void release(const node_id& key, lease_number number, release_reason why, time_point now);

    // Ends an operation without output. A lease that is granted to it later is given back.
    void cancel(operation_id operation);

    // Puts a pointer to this node and keeps it in the table for so long. Replaces what was
    // announced under the key. False if too many keys are announced.
    bool announce(
        const node_id& key, const pointer& value, std::chrono::seconds life, time_point now);

    // Ends an announcement and takes the pointer back from the nodes known to store it.
    void withdraw(const node_id& key, time_point now);

    // Before the end of the node. Of what is announced at most so many are taken back, so that the
    // farewell is no flood; the rest expires.
    void withdraw_all(std::size_t most, time_point now);

    // The oldest thing to do; nothing when all is done.
    std::optional<output> poll_output();
    std::optional<time_point> next_timeout() const;

    const node_id& id() const { return levels_.table().self(); }
    const std::optional<endpoint>& own_endpoint() const { return address_.current(); }

    // Strangers do not reach it: it asks, and is not to be asked (BEP 43), nor named as a holder.
    bool is_read_only() const
    {
        return reach_.verdict() == reach::closed || address_.is_symmetric_nat();
    }

    // Contacts with their state, and those worth remembering over a restart, best first.
    std::vector<contact> contacts() const { return levels_.table().all(); }
    std::vector<endpoint> contacts_to_remember() const;

    // Levels and clusters, the whole network first.
    level_number level_count() const { return levels_.count(); }
    query_scope scope(level_number level) const { return levels_.scope(level); }

    // Neighbours in this node's cluster of a level, the closest to target first (Coral, section 2).
    std::vector<contact> nodes(level_number level, std::size_t count, const node_id& target) const
    {
        return level < levels_.count() ? levels_.table(level).closest(target, count)
                                       : std::vector<contact>{};
    }

    // What this node stores for others under the key.
    std::vector<pointer> stored(const node_id& key, time_point now) const
    {
        return levels_.pointers(0, key, now);
    }

    // The time that half of log2(n) steps take (Coral, section 3.2).
    duration expected_lookup_time() const;

    statistics snapshot() const;

    // What others ask this node about most, in the last whole minute.
    std::vector<key_load> loads(time_point now) const;
    void check_invariant() const;

private:
    enum class find_reason : std::uint8_t
    {
        join,     // the network
        refresh,  // a bucket that nothing has touched
        settle,   // find our place in a cluster that we have moved to
        sample,   // ask members of a cluster that we may move to
    };

    struct find_operation
    {
        lookup steps;
        find_reason why;
        query_scope scope = {};
    };

    // A claim that has still to look at nearer levels.
    struct claim_request
    {
        std::chrono::milliseconds budget;
    };

    struct get_operation
    {
        sloppy_walk steps;
        level_number level;  // that it has come to
        std::optional<claim_request> claim = std::nullopt;
        std::optional<lookup_trace> trace = std::nullopt;
        bool is_for_neighbours = false;  // our own: no output
    };

    struct wary_operation
    {
        wary_walk steps;
        std::vector<endpoint> rejected;
        std::vector<std::pair<pointer, std::size_t>> found = {};  // and how many have said so
    };

    struct store_operation
    {
        put_operation steps;
        level_number level;           // that it has come to
        std::vector<holder> before;   // who held it until now, at all levels
        std::vector<holder> holders;  // of the levels that are done
        bool is_held_here;            // at one of those
        bool has_reached_others;
        pointer value;
        std::chrono::seconds granted;  // the least that a storing node has given it
        admission here;
        bool is_announced;
    };

    // What a put does at one level, and how this node's own store there takes it.
    struct level_put
    {
        put_operation steps;
        admission here;
    };

    struct lease_operation
    {
        claim_operation steps;
        duration late_within;
    };

    using any_operation = std::
        variant<find_operation, get_operation, wary_operation, store_operation, lease_operation>;

    struct running
    {
        any_operation what;
        time_point deadline;
        std::optional<time_point> wake = std::nullopt;  // carried on then, whatever comes
    };

    // Datagrams (node.cpp).
    void handle_query(const message& what,
        const query& asked,
        const endpoint& from,
        std::size_t octets,
        time_point now);
    void handle_response(const std::string& transaction,
        const response& reply,
        const endpoint& from,
        time_point now);
    void forget(const node_id& id);
    void note_contact(const response& reply, const endpoint& from, duration took, time_point now);
    void handle_error(const std::string& transaction,
        const error_reply& error,
        const endpoint& from,
        time_point now);
    void count_load(const query& asked, time_point now);
    bool is_of_this_network(const query& asked) const;
    bool is_of_this_network(const response& reply) const;
    bool is_admissible(const node_id& id, const endpoint& at) const;
    std::vector<contact> usable(const std::vector<contact>& nodes) const;
    std::vector<contact> worth_asking(const std::vector<contact>& nodes, time_point now) const;
    std::vector<pointer> others(const std::vector<pointer>& values) const;
    void dispatch(const pending_query& asked, const response& reply, time_point now);
    bool ask(pending_query about, query_method method, time_point now);
    void send(const endpoint& to, const message& what, time_point now);
    void send_delayed(time_point now);

    // Membership (node_membership.cpp).
    void consider(const query& asked, const endpoint& from, time_point now);
    void learn_own_address(const endpoint& reporter, const response& reply, time_point now);
    void rehome(time_point now);
    void check_reachability(time_point now);
    std::vector<contact> some_contacts(std::size_t count, const endpoint& but);
    bool may_pass_on(time_point now);
    bool serve_reach(const query& asked, const endpoint& from, time_point now);
    void handle_expiry(const rpc_table::expiry& expired, time_point now);
    void query_unanswered(const rpc_table::expiry& expired, time_point now);
    void note_answer(const endpoint& from, time_point now);
    void start_join(time_point now);
    void refresh(time_point now);
    void maintain(time_point now);
    void adapt_to_growth(time_point now);
    void probe(const contact& who, time_point now);

    // Operations (node_operations.cpp; puts in node_puts.cpp).
    operation_id start(any_operation what, time_point deadline);
    std::size_t asked_at_once() const;
    operation_id start_get(get_operation get, std::chrono::milliseconds budget, time_point now);
    sloppy_walk walk_to(const node_id& key) const;
    void go_on(sloppy_walk& way,
        level_number level,
        const std::optional<std::vector<contact>>& said) const;
    std::optional<level_number> level_of(const response& reply) const;
    operation_id start_put(const node_id& key,
        const pointer& value,
        bool is_announced,
        std::vector<holder> before,
        time_point now);
    level_put put_at(level_number level,
        const std::vector<holder>& before,
        sloppy_walk walk,
        std::chrono::seconds life,
        time_point now);
    void widen(store_operation& put, time_point now);
    void end_level_of_put(store_operation& put);
    void forget_own(const node_id& key);
    std::optional<pointer> own_pointer(const node_id& key, time_point now) const;
    bool may_start_put() const;
    void start_due_puts(time_point now);
    void advance(operation_id operation, time_point now);
    bool ask_step(operation_id operation,
        const contact& who,
        const query_scope& scope,
        query_method method,
        time_point now);
    void advance_find(operation_id operation, find_operation& find, time_point now);
    void advance_get(operation_id operation, get_operation& get, time_point now);
    void advance_put(operation_id operation, store_operation& put, time_point now);
    bool carry_out(operation_id operation,
        store_operation& put,
        const put_operation::action& action,
        time_point now);
    void step_answered(const pending_query& asked, const response& reply, time_point now);
    void store_answered(const pending_query& asked, const response& reply, time_point now);
    void query_failed(const pending_query& asked, time_point now);
    void query_overdue(const pending_query& asked, time_point now);
    void end_at_deadline(operation_id operation, time_point now);
    void end_find(operation_id operation, time_point now);
    void end_get(operation_id operation, get_result result, time_point now);
    void end_put(operation_id operation, bool timed_out, time_point now);
    void end_announced_put(operation_id operation, const store_operation& put, time_point now);
    void note_holders(const store_operation& put, time_point now);
    void ask_holder(const node_id& key, const holder& whom, time_point now);
    void lose_holder(const pending_query& asked, time_point now);
    void holder_lives(const pending_query& asked, time_point now);
    void erase(operation_id operation);
    void say_farewell(const holder& where, const node_id& key, purpose why, time_point now);

    // Gets that trust nobody (node_wary.cpp).
    void advance_wary(operation_id operation, wary_operation& get, time_point now);
    void note_values(wary_operation& get, const std::vector<pointer>& values) const;
    void end_wary(operation_id operation, bool timed_out);

    // Levels (node_levels.cpp).
    level_number levels_told(const std::vector<cluster_summary>& clusters) const;
    void observe(const contact& who,
        const std::vector<cluster_summary>& clusters,
        duration took,
        time_point now);
    void heard(const query& asked);
    bool is_wanted(const query& asked, const endpoint& from) const;
    bool is_in_scope(const query_scope& scope, const response& reply) const;
    void moved(level_number level, time_point now);
    void review_levels(time_point now);
    void sample(const near_level& level, time_point now);
    void end_sample(level_number level, time_point now);
    void tell_neighbours(time_point now);
    void seek_neighbours(time_point now);
    void meet(const std::vector<pointer>& neighbours, time_point now);

    // Claims (node_claims.cpp).
    lease_operation lease_by(sloppy_walk way,
        lease_number silent,
        std::chrono::milliseconds budget,
        time_point deadline) const;
    void begin_claim(operation_id operation, time_point now);
    void claim_after_get(operation_id operation, time_point now);
    static claim_result claim_result_of(get_result&& found);
    std::vector<pointer> claimable(const std::vector<pointer>& values) const;
    void advance_claim(operation_id operation, lease_operation& lease, time_point now);
    void claim_from(
        const holder& where, claim_operation& claim, pending_query about, time_point now);
    void claim_here(claim_operation& claim, time_point now);
    void claim_step_answered(const pending_query& asked, const response& reply, time_point now);
    void claim_answered(const pending_query& asked, const response& reply, time_point now);
    void end_claim(operation_id operation, bool timed_out, time_point now);
    void end_lease(const node_id& key, lease_number number, put_terms terms, time_point now);
    void renew_due_leases(time_point now);
    void change_lease(const node_id& key,
        const std::optional<holder>& grantor,
        const put_terms& terms,
        purpose why,
        time_point now);
    void renewal_answered(const pending_query& asked, const response& reply, time_point now);
    void lose_lease(const node_id& key, lease_number number);
    void ping_reported_holders(time_point now);
    void holder_was_silent(const pending_query& asked);
    void set_wake(operation_id operation, std::optional<time_point> when);
    void wake_operations(time_point now);

    config settings_;
    random_source& random_;
    network_tag network_;
    datagram_gate gate_;
    bool is_v4_;
    own_address address_;
    levels levels_;
    lease_table leases_;
    token_mint tokens_;
    responder respond_;
    rpc_table rpcs_;
    rate_limiter pace_;                                 // of our queries
    rate_limiter strangers_;                            // of pings to who asked us
    std::multimap<time_point, send_datagram> delayed_;  // that wait for their turn
    announcements announced_;
    mortality contacts_live_;
    mortality holders_live_;
    held_leases held_;
    absent_keys absent_;
    busy_keys busy_;
    join_schedule joining_;

    std::map<operation_id, running> operations_;
    std::set<std::pair<time_point, operation_id>> deadlines_;
    std::set<std::pair<time_point, operation_id>> wakes_;
    operation_id last_operation_ = 0;
    std::size_t running_puts_ = 0;  // of announcements
    std::size_t running_finds_ = 0;

    std::set<endpoint> probed_;  // pings in flight
    silent_nodes silent_;
    reachability reach_;
    time_point next_pass_on_{};
    time_point last_answer_{};  // of anybody
    bool is_cut_off_ = false;   // all contacts have turned bad and nobody has answered since
    time_point next_maintenance_;
    bool has_joined_ = true;  // false from join() until the first attempt is over
    bool refresh_wanted_ = false;
    double size_of_last_growth_ = 1;
    std::optional<node_id> neighbourhood_;  // the key of it that we announce
    std::deque<output> outputs_;
    statistics counted_;
};

}  // namespace dht
