#include "dht/core/lookup_trace.hpp"

#include <algorithm>

namespace dht {

std::string_view to_string(step_outcome which)
{
    switch (which) {
    case step_outcome::waiting: return "waiting";
    case step_outcome::values: return "values";
    case step_outcome::closer: return "closer";
    case step_outcome::silent: return "silent";
    case step_outcome::skipped: return "skipped";
    }
    return "waiting";
}

trace_step& lookup_trace::add(const contact& who, level_number level, time_point now)
{
    trace_step one;
    one.id = who.id;
    one.at = who.at;
    one.shared_bits = common_prefix(who.id, key_);
    one.level = level;
    one.begun = now - begun_;
    return steps_.emplace_back(one);
}

// A node may be asked at more than one level: the latest question is the one that is answered.
trace_step* lookup_trace::waiting_for(const endpoint& who)
{
    const auto found = std::find_if(steps_.rbegin(), steps_.rend(), [&](const trace_step& one) {
        return one.at == who && one.outcome == step_outcome::waiting;
    });
    return found == steps_.rend() ? nullptr : &*found;
}

void lookup_trace::here(
    const contact& self, level_number level, std::size_t pointers, std::size_t nodes)
{
    trace_step& own = add(self, level, begun_);
    own.round_trip = duration{};
    own.outcome = pointers > 0 ? step_outcome::values : step_outcome::closer;
    own.pointers = pointers;
    own.nodes = nodes;
}

void lookup_trace::asked(const contact& who, level_number level, time_point now)
{
    add(who, level, now);
}

void lookup_trace::skipped(const contact& who, level_number level, time_point now)
{
    add(who, level, now).outcome = step_outcome::skipped;
}

void lookup_trace::answered(
    const endpoint& who, const response& reply, std::size_t pointers, time_point now)
{
    trace_step* const step = waiting_for(who);
    if (step == nullptr) {
        return;
    }
    step->round_trip = now - begun_ - step->begun;
    step->outcome = pointers > 0 ? step_outcome::values : step_outcome::closer;
    step->pointers = pointers;
    step->nodes = reply.nodes.size();
    if (reply.sloppy) {
        step->is_full = reply.sloppy->full;
        step->is_loaded = reply.sloppy->loaded;
    }
}

void lookup_trace::failed(const endpoint& who)
{
    if (trace_step* const step = waiting_for(who)) {
        step->outcome = step_outcome::silent;
    }
}

}  // namespace dht
