// The candidates of one lookup, closest to its target first, and how far each has come.

#pragma once

#include "dht/core/contact.hpp"
#include "dht/core/node_id.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace dht {

// Bounded: where it is full, the farthest candidate that nobody has asked yet gives way to a closer
// one, so lies about contacts cost queries, never memory.
class shortlist
{
public:
    enum class progress : std::uint8_t
    {
        known,    // not asked yet
        asked,    // in time so far
        overdue,  // asked twice; may still answer
        answered,
        failed,
    };

    struct candidate
    {
        contact who;
        progress state = progress::known;
    };

    shortlist(const node_id& target, std::size_t limit);

    const node_id& target() const { return target_; }
    std::size_t limit() const { return limit_; }
    const std::vector<candidate>& closest_first() const { return candidates_; }
    std::size_t count(progress state) const;
    std::optional<progress> state_of(const endpoint& who) const;

    // A candidate that is known already is left as it is.
    void add(const contact& who);
    void add(const std::vector<contact>& several);

    // Endpoints that are no candidates are ignored.
    void mark(const endpoint& who, progress state);

private:
    node_id target_;
    std::size_t limit_;
    std::vector<candidate> candidates_;
};

}  // namespace dht
