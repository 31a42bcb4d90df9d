// A get for who has reason to think that nodes lie: several ways to the key that share no node.

#pragma once

#include "dht/core/config.hpp"
#include "dht/core/contact.hpp"
#include "dht/core/node_id.hpp"
#include "dht/core/shortlist.hpp"

#include <cstddef>
#include <optional>
#include <set>
#include <vector>

namespace dht {

// Greedy, since who asks wants certainty and not a spread load: each path asks the closest that it
// knows of, up to as many as config says, and a node that one path has asked is no longer there for
// the others (Baumgart and Mies, "S/Kademlia", 2007, section 4.3). Liars that a path has met lead
// only that one astray. No answer ends it: the first may be the lie.
class wary_walk
{
public:
    // start: contacts towards the key, closest first; they are dealt out to the paths in turn.
    wary_walk(const node_id& key, const config& settings, const std::vector<contact>& start);

    const node_id& key() const { return paths_.front().target(); }

    // Whom to ask now; nothing while each path awaits an answer or is at its end.
    std::optional<contact> next();

    void answered(const endpoint& who, const std::vector<contact>& nodes);
    void overdue(const endpoint& who);
    void failed(const endpoint& who);

    bool is_finished() const;
    std::size_t answers() const { return answers_; }
    std::size_t queries() const { return asked_.size(); }

private:
    std::optional<contact> worth_asking(const shortlist& path) const;
    shortlist* path_of(const endpoint& asked);

    std::size_t closest_asked_;
    std::size_t parallel_;  // of each path
    std::size_t most_queries_;
    std::vector<shortlist> paths_;
    std::set<endpoint> asked_;  // by any path
    std::size_t answers_ = 0;
};

}  // namespace dht
