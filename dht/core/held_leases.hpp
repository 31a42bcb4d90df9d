// The leases that other nodes, or this one, have granted to us: what we lead, and when to say so
// again.

#pragma once

#include "dht/core/config.hpp"
#include "dht/core/lease.hpp"
#include "dht/core/node_id.hpp"
#include "dht/core/put_operation.hpp"
#include "dht/core/time_point.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace dht {

class held_leases
{
public:
    struct lease
    {
        lease_number number = 0;
        std::optional<holder> grantor;  // none: this node
        fetch_progress progress;
        time_point due;      // of the next renewal
        time_point expires;  // if none is answered by then
    };

    explicit held_leases(const config& settings);

    bool is_full() const { return leases_.size() >= limit_; }

    // Replaces a lease of the key. False if there are too many.
    bool insert(const node_id& key,
        lease_number number,
        const std::optional<holder>& grantor,
        time_point now);

    // Nothing if we do not hold this number.
    lease* find(const node_id& key, lease_number number);
    std::optional<lease> remove(const node_id& key, lease_number number);

    // The next key to be renewed now; due again after config::lease_renewal.
    std::optional<node_id> next_due(time_point now);
    const lease& at(const node_id& key) const { return leases_.at(key); }

    // The grantor has extended it. His new token replaces the old one.
    void renewed(const node_id& key, lease_number number, const std::string& token, time_point now);

    std::vector<std::pair<node_id, lease_number>> some(std::size_t most) const;
    std::optional<time_point> next_timeout() const;
    std::size_t size() const { return leases_.size(); }

private:
    duration life_;
    duration interval_;
    std::size_t limit_;
    std::map<node_id, lease> leases_;
    std::set<std::pair<time_point, node_id>> due_;
};

}  // namespace dht
