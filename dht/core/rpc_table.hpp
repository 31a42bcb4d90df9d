// Queries in flight: which answer belongs to which question, and when to stop waiting.

#pragma once

#include "dht/core/cluster.hpp"
#include "dht/core/config.hpp"
#include "dht/core/contact.hpp"
#include "dht/core/lease.hpp"
#include "dht/core/node_id.hpp"
#include "dht/core/random_source.hpp"
#include "dht/core/time_point.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace dht {

using operation_id = std::uint64_t;

// What a query was sent for.
enum class purpose : std::uint8_t
{
    liveness,       // a ping of the table's own
    holder_life,    // a ping to who stores a pointer of ours
    reach_wanted,   // a ping that asks to have another node ping us
    step,           // find_node or get_peers of an operation
    store,          // announce_peer of an operation
    withdrawal,     // get_peers for a new token, to take back a pointer stored there
    farewell,       // announce_peer that takes it back with the token of the put
    last_farewell,  // the same with a new token; its answer changes nothing
    claim,          // get_peers that asks for a lease
    renewal,        // announce_peer that extends one
    holder_check,   // ping to the holder of one that we granted, because others say he is silent
};

struct pending_query
{
    contact to;
    purpose why = purpose::liveness;
    operation_id operation = 0;  // of step, store and claim
    node_id key;                 // of withdrawal, farewell, and all about leases
    std::string token;           // of store and claim
    lease_number lease = 0;      // of renewal and holder_check
    query_scope scope = {};      // at which level it is asked
    time_point heard{};          // of holder_life: when it last was alive
    duration late_within{};      // late after this at most; 0: by the contact's round trip alone
    std::string datagram;        // as it was sent
};

// Each query has two deadlines, both from the contact's own round-trip time. At the first it is
// overdue: it is sent once more (all queries are idempotent) and its operation goes on without it.
// At the second it has failed. Between them a slow node's answer still counts. A repetition has a
// number of its own, so that its answer is measured from when it was sent.
class rpc_table
{
public:
    struct answer
    {
        pending_query query;
        duration took{};
    };

    enum class event : std::uint8_t
    {
        overdue,  // sent again
        failed,   // no longer in the table
    };

    struct expiry
    {
        event what;
        std::string transaction;
        pending_query query;
        time_point sent;
        // The contact had the time that it usually needs: not so where the query was in a hurry.
        bool is_conclusive;
    };

    explicit rpc_table(const config& settings);

    bool is_full() const { return queries_.size() >= limit_; }
    std::size_t size() const { return queries_.size(); }

    // A transaction number that no query in flight has: 4 random octets, so that an answer cannot
    // be forged by who did not see the question.
    std::string new_transaction(random_source& random) const;

    // An overdue query is sent again under this number.
    std::string repeat(const std::string& transaction, random_source& random, time_point now);

    // The table must not be full.
    void add(const std::string& transaction, pending_query query, time_point now);

    // The query that this answers; nothing if there is none, or if it went to somebody else.
    std::optional<answer> take(
        const std::string& transaction, const endpoint& from, time_point now);

    // The next query whose deadline has passed, oldest first.
    std::optional<expiry> next_expiry(time_point now);

    std::optional<time_point> next_timeout() const;

    // Of the latest few dozen queries that were in no hurry, the share that was late.
    double late_share() const { return late_share_; }

    // Over all contacts, for those never measured.
    const round_trip& overall() const { return overall_; }

private:
    struct entry
    {
        pending_query query;
        time_point sent;
        duration late_after;
        bool is_conclusive;
        bool is_usual;  // it is late when its contact is: not so where the query is in a hurry
        bool overdue = false;
        std::string second = {};  // the number of its repetition
        time_point repeated{};
    };
    using entry_map = std::map<std::string, entry>;

    entry_map::iterator find(const std::string& transaction);
    void erase(entry_map::iterator which);

    void count(bool late);
    duration late_after(const contact& to) const;

    std::size_t limit_;
    std::chrono::milliseconds first_late_after_;
    std::chrono::milliseconds unknown_late_after_;
    std::chrono::milliseconds least_late_after_;
    std::chrono::milliseconds most_late_after_;
    unsigned given_up_after_;
    round_trip overall_;
    double late_share_ = 0;
    entry_map queries_;
    std::map<std::string, std::string> repetitions_;  // their numbers, and those of the first
    std::set<std::pair<time_point, std::string>> deadlines_;
};

}  // namespace dht
