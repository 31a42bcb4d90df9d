// The steps of one get, kept for whoever wants to see how the table answers.

#pragma once

#include "dht/core/cluster.hpp"
#include "dht/core/contact.hpp"
#include "dht/core/message.hpp"
#include "dht/core/node_id.hpp"
#include "dht/core/time_point.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace dht {

enum class step_outcome : std::uint8_t
{
    waiting,  // the get ended before this node answered
    values,   // it has pointers: the end of the get
    closer,   // it has none and names other nodes, or nobody
    silent,   // it gave no answer in time, or none that counts
    skipped,  // it was not asked: too many queries to it, or at all
};

std::string_view to_string(step_outcome which);

struct trace_step
{
    node_id id;
    endpoint at;               // of the node itself where it does not know its own: unspecified
    unsigned shared_bits = 0;  // of its ID and the key, from the first on
    level_number level = 0;    // that it was asked at
    duration begun{};          // since the get began
    std::optional<duration> round_trip = std::nullopt;
    step_outcome outcome = step_outcome::waiting;
    std::size_t pointers = 0;
    std::size_t nodes = 0;
    bool is_full = false;    // both as far as the answer says
    bool is_loaded = false;  // with gets for this key
};

class lookup_trace
{
public:
    lookup_trace(const node_id& key, time_point begun) : key_(key), begun_(begun) {}

    // Hop 0: what the node itself holds, and how many contacts it begins with.
    void here(const contact& self, level_number level, std::size_t pointers, std::size_t nodes);

    void asked(const contact& who, level_number level, time_point now);
    void skipped(const contact& who, level_number level, time_point now);
    void answered(const endpoint& who, const response& reply, std::size_t pointers, time_point now);
    void failed(const endpoint& who);

    // In the order of asking.
    const std::vector<trace_step>& steps() const { return steps_; }

private:
    trace_step& add(const contact& who, level_number level, time_point now);
    trace_step* waiting_for(const endpoint& who);

    node_id key_;
    time_point begun_;
    std::vector<trace_step> steps_;
};

}  // namespace dht
