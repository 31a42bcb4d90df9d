// The contacts of a node, in buckets by distance (Kademlia, sections 2.2 to 2.4).

#pragma once

#include "dht/core/config.hpp"
#include "dht/core/contact.hpp"
#include "dht/core/node_id.hpp"
#include "dht/core/random_source.hpp"
#include "dht/core/time_point.hpp"

#include <cstddef>
#include <optional>
#include <vector>

namespace dht {

// Bucket i holds contacts that share exactly i leading bits with this node (Coral's form of the
// table; Kademlia's tree of ranges, fully split, is the same). A contact comes in only by an answer
// to a query of ours, so whoever is handed out has answered from where it claims to be. Contacts
// that have proved long-lived keep their place; newer ones wait in the bucket's replacement cache.
//
// Of one public subnet no more than config::contacts_per_subnet have a place in a bucket, and as
// many wait for one.
//
// A contact that leaves queries unanswered is "bad": neither asked in lookups nor handed out, but
// kept until somebody else takes its place or it is removed.
class routing_table
{
public:
    routing_table(const node_id& self, const config& settings);

    const node_id& self() const { return self_; }

    // `who` has answered a query of ours from its address; `took` is the time since that query.
    // True if the table has grown by it.
    bool answered(const contact& who, duration took, time_point now);

    // A query went unanswered. may_remove is false while nobody at all answers: then it is our own
    // connection that failed, and the table is all we have to come back.
    void failed(const node_id& who, bool may_remove);

    // After a time in which nobody at all answered: what looked bad is worth another question.
    void forgive();

    // It has turned out to be of another network.
    void remove(const node_id& who);

    const contact* find(const node_id& id) const;

    // This node has another ID now: everybody finds a new place.
    void move_to(const node_id& self);

    // Whether this contact would get a place, so that it is worth a question.
    bool has_room_for(const contact& who) const;

    // Good contacts closest to target, closest first.
    std::vector<contact> closest(const node_id& target, std::size_t count) const;

    // Good contacts for a sloppy walk towards key: those of the one bucket whose contacts share
    // more bits with key than this node does, in the order of their age; then, if these are fewer
    // than count, the closest others.
    std::vector<contact> towards(const node_id& key, std::size_t count) const;

    // Every contact, bad ones and those waiting included.
    std::vector<contact> all() const;

    // Good ones that have a place.
    std::size_t good_count() const;
    std::size_t size() const { return size_; }

    // Contacts that were silent since `before` or have just failed, longest silent first.
    std::vector<contact> to_check(time_point before, std::size_t count) const;

    // A random ID in a bucket that no lookup has touched since `before`, and marks it as touched;
    // nothing if all were. Buckets beyond the deepest contact need no refresh.
    std::optional<node_id> id_to_refresh(time_point before, time_point now, random_source& random);

    // How many nodes the network has, judged by how close the closest contacts are.
    double estimated_network_size() const;

    void check_invariant() const;

private:
    struct bucket
    {
        std::vector<contact> contacts;      // oldest first
        std::vector<contact> replacements;  // latest answer last
        std::optional<time_point> refreshed;
    };

    bool is_bad(const contact& who) const { return who.failures >= bad_after_; }
    bucket& bucket_of(const node_id& id);
    const bucket& bucket_of(const node_id& id) const;
    bool is_crowded(const std::vector<contact>& by, const contact& newcomer) const;
    std::vector<contact>::const_iterator bad_for(const bucket& home, const contact& newcomer) const;
    bool place(bucket& into, const contact& fresh);
    void wait_for_place(bucket& in, const contact& fresh);
    std::vector<contact>::iterator successor_of(bucket& home, const contact& gone);
    void replace(
        bucket& home, std::vector<contact>::iterator gone, std::vector<contact>::iterator next);
    void append_good(const bucket& from, std::vector<contact>& out) const;

    node_id self_;
    std::size_t bucket_size_;
    std::size_t replacement_size_;
    std::size_t per_subnet_;  // 0: no limit
    unsigned bad_after_;
    unsigned removed_after_;
    std::vector<bucket> buckets_;  // down to the deepest that anybody was looked for in
    std::size_t size_ = 0;         // contacts that have a place
};

}  // namespace dht
