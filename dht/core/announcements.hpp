// This node's own pointers: what the table shall say of it, and when that has to be said again.

#pragma once

#include "dht/core/config.hpp"
#include "dht/core/node_id.hpp"
#include "dht/core/pointer.hpp"
#include "dht/core/put_operation.hpp"
#include "dht/core/random_source.hpp"
#include "dht/core/rpc_table.hpp"
#include "dht/core/time_point.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace dht {

// An announced pointer is put, and put again at half the life that the storing nodes gave it, until
// it is withdrawn or its own time ends. It is put early when the last put found nobody, when a node
// that stored it no longer answers, and when the network has doubled since: nodes closer to the key
// have then moved between the askers and the old holders.
class announcements
{
public:
    struct announcement
    {
        pointer value;  // life is unused
        time_point until;
        time_point due;
        duration retry{};
        double network_size = 0;  // when it was last put
        std::vector<holder> holders;
        operation_id put = 0;  // the put that is running; 0: none
        bool changed = false;  // since that put began
    };

    announcements(const config& settings, random_source& random);

    // False if there are too many. Replaces what was announced under the key.
    bool insert(const node_id& key, const pointer& value, time_point until, time_point now);

    // What has to be taken back; nothing if the key was not announced.
    std::optional<announcement> remove(const node_id& key);

    // The next key to be put now; what has come to its end is forgotten here.
    std::optional<node_id> next_due(time_point now);

    bool contains(const node_id& key) const { return announced_.contains(key); }
    std::vector<node_id> keys(std::size_t most) const;
    const announcement& at(const node_id& key) const;
    std::chrono::seconds put_life(const node_id& key, time_point now) const;

    void put_started(const node_id& key, operation_id put, double network_size);

    // reached_others: somebody else answered, or there is nobody else.
    void put_ended(const node_id& key,
        std::vector<holder> holders,
        std::chrono::seconds granted,
        bool reached_others,
        time_point now);

    // Puts early what was put when the network had less than half this size.
    void network_has_grown(double size, time_point now);

    // Puts everything early: this node is in another cluster now.
    void level_has_changed(time_point now) { network_has_grown(most_nodes, now); }

    // From now on everything is put again within this time, also what was to be put later: holders
    // and the nodes around a key do not last longer. No more than a number a second, whatever is
    // asked for.
    void renew_within(duration span, time_point now);

    // Puts early what this node, which no longer answers, was the holder of. When it was last
    // heard, once for each pointer.
    std::vector<time_point> holder_was_lost(const endpoint& who, time_point now);

    // A holder that was neither heard nor asked since `before`, which is now, and what for. Takes
    // the announcements in turn and looks at some only: the next call goes on.
    std::optional<std::pair<node_id, holder>> silent_holder(time_point before, time_point now);
    void holder_answered(const node_id& key, const endpoint& who, time_point now);

    std::optional<time_point> next_timeout() const;
    std::size_t size() const { return announced_.size(); }

private:
    using map = std::map<node_id, announcement>;

    static constexpr double most_nodes = 1e48;  // as many as there are IDs

    void reschedule(map::iterator which, time_point due);
    time_point early(time_point now);
    duration spread(duration span);

    std::size_t limit_;
    std::chrono::seconds pointer_life_;
    std::chrono::seconds in_flight_life_;
    std::chrono::seconds retry_first_;
    duration renew_within_ = duration::max();
    duration planned_within_ = duration::max();  // what is to be put is due in less than this
    random_source& random_;
    map announced_;
    node_id asked_last_;                            // whose holders were looked at
    std::set<std::pair<time_point, node_id>> due_;  // those with no put running
};

}  // namespace dht
