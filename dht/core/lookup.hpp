// Kademlia's iterative lookup (section 2.3): the greedy one, for joining and refreshing.

#pragma once

#include "dht/core/config.hpp"
#include "dht/core/contact.hpp"
#include "dht/core/node_id.hpp"
#include "dht/core/shortlist.hpp"

#include <cstddef>
#include <optional>
#include <vector>

namespace dht {

// Asks ever closer nodes for contacts, alpha at a time, until the k closest of those that answer
// have been asked. Sends nothing itself: the owner asks next() and reports what came of it.
class lookup
{
public:
    lookup(const node_id& target, const config& settings, const std::vector<contact>& start);

    const node_id& target() const { return candidates_.target(); }

    // Whom to ask now; nothing while enough queries are out or when nobody is left.
    std::optional<contact> next();

    void answered(const endpoint& who, const std::vector<contact>& nodes);
    void overdue(const endpoint& who);
    void failed(const endpoint& who);

    bool is_finished() const;
    std::size_t answers() const { return candidates_.count(shortlist::progress::answered); }

private:
    std::optional<contact> worth_asking() const;

    shortlist candidates_;
    std::size_t wanted_;
    std::size_t parallel_;
    std::size_t queries_left_;
};

}  // namespace dht
