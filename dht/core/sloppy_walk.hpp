// The way of a get or a put towards a key, deliberately not the shortest one (Coral, section 3.2).

#pragma once

#include "dht/core/config.hpp"
#include "dht/core/contact.hpp"
#include "dht/core/node_id.hpp"
#include "dht/core/random_source.hpp"
#include "dht/core/shortlist.hpp"

#include <cstddef>
#include <optional>
#include <vector>

namespace dht {

// Each step goes to a random contact that shares at least one bit more with the key than the point
// reached. Jumping to the closest known node instead would lead everybody to the same few nodes;
// this way walks meet only near the key, and values stored on the way spread the load of a hot key.
//
// Where no contact gains a bit, the closest few are asked, all at once: the end of the walk. It
// stops earlier when its owner says so.
class sloppy_walk
{
public:
    // start: contacts of this node towards the key; this node itself is hop 0.
    sloppy_walk(const node_id& self,
        const node_id& key,
        const config& settings,
        const std::vector<contact>& start);

    // Goes on among the nodes of a wider level from the point reached: the bits that are fixed are
    // not fixed again. start: contacts of that level. has_answered: the closest node that has
    // answered has done so for the wider level already; else it is asked anew, since it knows its
    // neighbours there.
    void go_on(const std::vector<contact>& start, bool has_answered);

    // How many of the closest are asked at its end; as configured, if not said.
    void ask_closest(std::size_t count) { closest_asked_ = count; }

    // How many are asked at the same time for a step; one, if not said.
    void ask_at_once(std::size_t count) { at_once_ = count; }

    // A step gains at most so many bits more than the shortest that is known; any, if not said.
    void shorten_steps(unsigned bits) { longest_step_ = bits; }

    // For puts into a network of so many nodes: where nodes of the path have failed, more of the
    // closest are asked; and where the closest are closer than so many nodes could be by chance,
    // all that are as close as the first few would have been. Who wants a key for itself makes IDs
    // beside it, but it does not unmake the others.
    void mistrust(double network_size) { network_size_ = network_size; }

    // Whether it is closer to the key than most keys have anybody. Either the walk ends there
    // anyway or somebody has made this ID, and may say what it likes to end the walk earlier.
    bool is_suspiciously_close(const node_id& id) const;

    // So many beyond those that are always asked.
    std::size_t more_at_end() const;

    const node_id& key() const { return candidates_.target(); }

    // Whom to ask now; nothing while answers are awaited or when the walk is at its end.
    std::optional<contact> next(random_source& random);

    void answered(const contact& who, const std::vector<contact>& nodes);
    void overdue(const endpoint& who);
    void failed(const endpoint& who);
    void stop() { stopped_ = true; }

    bool is_finished() const;

    // Nobody is left to ask, and all who owe an answer are late.
    bool is_held_up() const;
    bool is_stopped() const { return stopped_; }
    std::size_t answers() const { return answers_; }
    std::size_t candidates() const { return candidates_.closest_first().size(); }
    std::size_t queries() const { return queries_; }

private:
    std::vector<contact> gaining(shortlist::progress wanted) const;
    std::vector<contact> steps() const;
    std::optional<contact> unasked_close() const;

    shortlist candidates_;
    unsigned reached_;  // bits shared with the key by the closest node that has answered
    std::size_t closest_asked_;
    std::size_t most_queries_;
    std::size_t at_once_ = 1;
    unsigned longest_step_ = node_id::bit_count;
    double network_size_ = 0;  // 0: nobody is mistrusted
    std::size_t queries_ = 0;
    std::size_t answers_ = 0;
    bool stopped_ = false;
};

}  // namespace dht
