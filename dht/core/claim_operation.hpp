// One claim: a get that, where it finds nothing, asks the closest node it has reached for a lease.

#pragma once

#include "dht/core/config.hpp"
#include "dht/core/contact.hpp"
#include "dht/core/lease.hpp"
#include "dht/core/message.hpp"
#include "dht/core/pointer.hpp"
#include "dht/core/put_operation.hpp"
#include "dht/core/random_source.hpp"
#include "dht/core/sloppy_walk.hpp"
#include "dht/core/time_point.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace dht {

enum class claim_outcome : std::uint8_t
{
    leads,              // fetch from the origin: all others are sent to us
    found,              // these hold the object or are fetching it
    do_not_coordinate,  // not shareable: everybody asks the origin, nobody waits
    nobody_grants,      // in time, or at all: ask the origin without a lease
};

struct claim_result
{
    claim_outcome outcome = claim_outcome::nobody_grants;
    // Of our lease, or of the leader among the pointers found: what to name if he is silent. 0:
    // none.
    lease_number number = 0;
    std::vector<pointer> pointers;  // never to this node itself
    bool timed_out = false;
    std::size_t hops = 0;     // nodes that answered
    std::size_t queries = 0;  // of the walk; repetitions not counted
};

// Sends nothing itself: the owner carries out next() and reports what came of it. The walk is that
// of a get. All claimers of an absent key end it at the same node, the closest to the key; that
// node's table of leases lets one of them lead. This node is hop 0 and may be the closest itself.
class claim_operation
{
public:
    struct ask
    {
        contact who;
    };

    // With the token that this node has just given us.
    struct claim_at
    {
        holder where;
    };

    struct claim_here
    {
    };

    using action = std::variant<ask, claim_at, claim_here>;

    // silent: the lease whose holder does not answer us; its pointer is not taken for an answer,
    // and the claim is repeated until another leads. patient_until: from then on the claim no
    // longer waits for nodes that may be closer.
    claim_operation(const node_id& self,
        sloppy_walk walk,
        lease_number silent,
        time_point patient_until,
        const config& settings);

    std::optional<action> next(random_source& random, time_point now);

    // values: those of the reply that are not of this node; "do not coordinate" is from anybody.
    void answered(const contact& who,
        const response& reply,
        std::vector<pointer> values,
        const std::vector<contact>& nodes);
    void claim_answered(
        const holder& where, const response& reply, std::vector<pointer> values, time_point now);

    // What this node itself holds, and what it answers to a claim of its own.
    void holds_here(const std::optional<lease_answer>& lease, std::vector<pointer> values);
    void answered_here(
        const std::optional<lease_answer>& lease, std::vector<pointer> values, time_point now);

    void overdue(const endpoint& who) { walk_.overdue(who); }
    void ask_failed(const endpoint& who) { walk_.failed(who); }
    void claim_failed();

    bool is_finished() const { return phase_ == phase::over; }

    // When next() has to be called even if nothing comes.
    std::optional<time_point> wake_at() const;

    const node_id& key() const { return walk_.key(); }
    lease_number silent() const { return silent_; }

    // What was found; outcome nobody_grants before the end.
    claim_result result() const;

    // Who has granted the lease; none: this node.
    const std::optional<holder>& grantor() const { return grantor_; }

private:
    enum class phase : std::uint8_t
    {
        walking,
        claiming,
        waiting,  // the node that grants pings the holder that we reported
        over,
    };

    struct place
    {
        node_id id;
        std::optional<holder> where;  // none: this node
    };

    void begin_claims();
    void next_place();
    bool judge(
        const place& from, const std::optional<lease_answer>& lease, std::vector<pointer> values);
    bool is_reported(const std::optional<lease_answer>& lease) const;
    void take_answer(place from,
        const std::optional<lease_answer>& lease,
        std::vector<pointer> values,
        time_point now);

    sloppy_walk walk_;
    lease_number silent_;
    time_point patient_until_;
    duration retry_after_;
    std::size_t most_places_;
    phase phase_ = phase::walking;
    std::vector<place> places_;  // the closest last, once claims begin
    bool in_flight_ = false;
    time_point retry_at_{};
    claim_result result_;
    std::optional<holder> grantor_;
};

}  // namespace dht
