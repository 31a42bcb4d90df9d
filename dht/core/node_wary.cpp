// Gets of a node that has reason to trust nobody.

#include "dht/core/node.hpp"

#include <algorithm>
#include <utility>

namespace dht {

operation_id node::get_again(const node_id& key,
    std::vector<endpoint> rejected,
    std::chrono::milliseconds budget,
    time_point now)
{
    ++counted_.gets;
    // Those in our own table have at least lived for a while.
    const std::size_t doors = settings_.wary_paths * settings_.bucket_size;
    wary_walk steps{key, settings_, levels_.table().closest(key, doors)};
    wary_operation get{std::move(steps), std::move(rejected)};
    note_values(get, levels_.pointers(0, key, now));
    const bool refused = operations_.size() >= settings_.operations;
    counted_.refused_operations += refused ? 1 : 0;
    const operation_id operation = start(std::move(get), now + budget);
    if (refused) {
        end_wary(operation, false);
    } else {
        advance(operation, now);
    }
    return operation;
}

void node::advance_wary(operation_id operation, wary_operation& get, time_point now)
{
    const get_peers_query question{get.steps.key(), std::nullopt};
    while (const std::optional<contact> who = get.steps.next()) {
        if (!ask_step(operation, *who, levels_.scope(0), question, now)) {
            get.steps.failed(who->at);
        }
    }
    if (get.steps.is_finished()) {
        end_wary(operation, false);
    }
}

void node::note_values(wary_operation& get, const std::vector<pointer>& values) const
{
    for (const pointer& value : others(values)) {
        const auto known = std::find_if(get.found.begin(), get.found.end(), [&](const auto& one) {
            return one.first.peer == value.peer;
        });
        if (known != get.found.end()) {
            ++known->second;
        } else if (std::find(get.rejected.begin(), get.rejected.end(), value.peer) ==
                   get.rejected.end()) {
            get.found.emplace_back(value, 1);
        }
    }
}

void node::end_wary(operation_id operation, bool timed_out)
{
    auto& get = std::get<wary_operation>(operations_.at(operation).what);
    std::stable_sort(get.found.begin(), get.found.end(), [](const auto& left, const auto& right) {
        return left.second > right.second;
    });
    get_result result;
    result.timed_out = timed_out;
    result.hops = get.steps.answers();
    result.queries = get.steps.queries();
    for (const auto& [value, times] : get.found) {
        result.pointers.push_back(value);
    }
    counted_.gets_found += result.pointers.empty() ? 0 : 1;
    counted_.gets_timed_out += timed_out ? 1 : 0;
    erase(operation);
    outputs_.push_back(get_done{operation, std::move(result)});
}

}  // namespace dht
