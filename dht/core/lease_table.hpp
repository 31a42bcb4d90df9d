// The leases that this node has granted: one holder for each key, for seconds.

#pragma once

#include "dht/core/config.hpp"
#include "dht/core/endpoint.hpp"
#include "dht/core/lease.hpp"
#include "dht/core/node_id.hpp"
#include "dht/core/time_point.hpp"

#include <chrono>
#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace dht {

// A lease says who may fetch an absent object from its origin, so that all others fetch from him.
// It is advice: two nodes that each believe to be closest to a key may both grant one, and the
// worst that comes of it is a second request to the origin.
//
// Memory is bounded: so many leases, of one source so many, and each ends by itself.
class lease_table
{
public:
    // A ping that the owner shall send, because somebody says that this holder is silent.
    struct check
    {
        node_id key;
        endpoint holder;
        lease_number number = 0;
    };

    explicit lease_table(const config& settings);

    // The live lease of the key as `asker` shall hear of it: granted if it is his.
    std::optional<lease_answer> find(
        const node_id& key, const endpoint& asker, time_point now) const;

    // A new lease; nothing if there is a live one, or no room. The asker has proved his address.
    std::optional<lease_answer> grant(
        const node_id& key, const endpoint& asker, std::chrono::seconds life, time_point now);

    // `reporter` gets no answer from the holder of this number. The holder will be pinged; if a
    // second reporter says the same and the holder's fetch has not moved for long, the lease ends
    // here (true). An old number says nothing about the present holder.
    bool report(const node_id& key, const endpoint& reporter, lease_number number, time_point now);

    // The oldest ping to send. Each must end in one of the two below.
    std::optional<check> next_check();
    void holder_answered(const check& checked);
    bool holder_was_silent(const check& checked);  // whether that ended a lease

    // False, and nothing done, if this is not the live lease of this holder.
    bool renew(const node_id& key,
        const endpoint& holder,
        lease_number number,
        std::uint64_t received_octets,
        time_point now);
    bool end(const node_id& key, const endpoint& holder, lease_number number, time_point now);

    void sweep(time_point now);

    // Expired ones that were not swept yet included.
    std::size_t size() const { return leases_.size(); }

    void check_invariant() const;

private:
    struct lease
    {
        endpoint holder;
        lease_number number = 0;
        time_point expires;
        std::uint64_t received_octets = 0;
        time_point last_progress;
        std::string first_reporter;  // its source; empty: none since the fetch last moved
        bool is_checked = false;     // a ping is on its way
    };

    using lease_map = std::map<node_id, lease>;

    lease_map::iterator live(
        const node_id& key, const endpoint& holder, lease_number number, time_point now);
    void erase(lease_map::iterator which);

    std::chrono::seconds longest_life_;
    duration stalled_after_;
    std::size_t limit_;
    std::size_t limit_per_source_;
    lease_number last_number_ = 0;
    lease_map leases_;
    std::set<std::pair<time_point, node_id>> expiries_;
    std::map<std::string, std::size_t> per_source_;
    std::deque<check> checks_;
};

}  // namespace dht
