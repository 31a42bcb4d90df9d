// One put: forward phase to a node that is full and loaded, reverse phase back to the closest that
// accepts (Coral, section 4.2).

#pragma once

#include "dht/core/config.hpp"
#include "dht/core/contact.hpp"
#include "dht/core/message.hpp"
#include "dht/core/sloppy_walk.hpp"
#include "dht/core/value_store.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace dht {

// A node that stores a value of ours, and the token to take it back with.
struct holder
{
    contact who;
    std::string token;
    query_scope scope = {};
    time_point heard{};  // when it last was alive
    time_point asked{};  // whether it still is
};

// Sends nothing itself: the owner carries out next() and reports what came of it. A put that meets
// a saturated node leaves one copy, at the closest node before it; one that meets none leaves
// config::stored_copies at the closest nodes of its path.
class put_operation
{
public:
    struct ask
    {
        contact who;
    };

    struct store_at
    {
        holder where;
    };

    // In this node's own store: hop 0 is as good a place as any.
    struct store_here
    {
    };

    using action = std::variant<ask, store_at, store_here>;

    // here: what a put finds at this node. before: who held the value until now; these refresh it
    // even if they are saturated.
    put_operation(const node_id& self,
        sloppy_walk walk,
        value_store::condition here,
        std::vector<holder> before,
        const config& settings);

    std::optional<action> next(random_source& random);

    void answered(const contact& who, const response& reply, const std::vector<contact>& nodes);
    void stored_here(store_status status);
    void store_answered(const holder& where, store_status status);
    void overdue(const endpoint& who) { walk_.overdue(who); }
    void ask_failed(const endpoint& who) { walk_.failed(who); }
    void store_failed() { --stores_in_flight_; }

    bool is_finished() const;

    // It has met a node that is full and loaded.
    bool is_saturated() const { return walk_.is_stopped(); }

    // After the end: to go on with at a wider level.
    sloppy_walk take_walk() { return std::move(walk_); }

    const node_id& key() const { return walk_.key(); }
    const std::vector<holder>& holders() const { return holders_; }
    bool is_held_here() const { return held_here_; }
    std::size_t answers() const { return walk_.answers(); }
    std::size_t queries() const { return walk_.queries(); }

private:
    struct place
    {
        node_id id;
        std::optional<holder> where;  // none: this node
    };

    bool was_holder(const endpoint& who) const;
    std::size_t copies() const { return holders_.size() + (held_here_ ? 1 : 0); }
    void begin_reverse_phase();
    std::optional<action> next_store();

    sloppy_walk walk_;
    std::vector<holder> before_;
    std::size_t wanted_;
    bool reversing_ = false;
    std::vector<place> stack_;
    std::size_t stores_in_flight_ = 0;
    std::vector<holder> holders_;
    bool held_here_ = false;
};

}  // namespace dht
