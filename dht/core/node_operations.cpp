// Operations of a node, and its searches and gets: starting them, carrying them on, ending them.
// Each ends once, by itself or at its deadline.

#include "dht/core/node.hpp"

#include <boost/assert.hpp>

#include <algorithm>
#include <array>

namespace dht {

operation_id node::start(any_operation what, time_point deadline)
{
    const operation_id operation = ++last_operation_;
    operations_.emplace(operation, running{std::move(what), deadline});
    deadlines_.emplace(deadline, operation);
    return operation;
}

void node::erase(operation_id operation)
{
    const auto found = operations_.find(operation);
    BOOST_ASSERT(found != operations_.end());
    deadlines_.erase({found->second.deadline, operation});
    set_wake(operation, std::nullopt);
    operations_.erase(found);
}

operation_id node::get(const node_id& key, std::chrono::milliseconds budget, time_point now)
{
    return start_get({walk_to(key), levels_.narrowest()}, budget, now);
}

operation_id node::trace(const node_id& key, std::chrono::milliseconds budget, time_point now)
{
    get_operation get{walk_to(key), levels_.narrowest()};
    get.trace.emplace(key, now);
    return start_get(std::move(get), budget, now);
}

operation_id node::start_get(get_operation get, std::chrono::milliseconds budget, time_point now)
{
    ++counted_.gets;
    const node_id key = get.steps.key();
    // Hop 0: what this node itself holds for others.
    get_result here;
    here.pointers = others(levels_.pointers(0, key, now));
    if (get.trace) {
        contact self;
        self.id = id();
        self.at = address_.current().value_or(endpoint{});
        get.trace->here(self, get.level, here.pointers.size(), get.steps.candidates());
    }
    const bool refused = operations_.size() >= settings_.operations;
    counted_.refused_operations += refused ? 1 : 0;
    const bool is_absent = !get.trace && absent_.contains(key, now);
    counted_.gets_known_absent += is_absent && here.pointers.empty() ? 1 : 0;
    get.steps.ask_at_once(asked_at_once());
    const operation_id operation = start(std::move(get), now + budget);
    if (refused || is_absent || !here.pointers.empty()) {
        end_get(operation, std::move(here), now);
    } else {
        advance(operation, now);
    }
    return operation;
}

// Waiting for lost answers one after the other would take the time of the whole get.
std::size_t node::asked_at_once() const
{
    constexpr std::array<std::size_t, 4> widths{1, 2, 3, 5};
    const double late = 16 * rpcs_.late_share();
    const auto& steps = settings_.late_of_16;
    return widths[static_cast<std::size_t>(
        std::count_if(steps.begin(), steps.end(), [late](unsigned step) { return late > step; }))];
}

// Begins at the narrowest level.
sloppy_walk node::walk_to(const node_id& key) const
{
    const level_number level = levels_.narrowest();
    sloppy_walk way{id(), key, settings_, levels_.table(level).towards(key, settings_.bucket_size)};
    if (level > 0) {
        way.ask_closest(settings_.closest_asked_near);
    }
    return way;
}

// said: contacts of that level that the last node has named in its answer.
void node::go_on(
    sloppy_walk& way, level_number level, const std::optional<std::vector<contact>>& said) const
{
    std::vector<contact> start = said.value_or(std::vector<contact>{});
    const auto own = levels_.table(level).towards(way.key(), settings_.bucket_size);
    start.insert(start.end(), own.begin(), own.end());
    way.go_on(start, said.has_value());
    way.ask_closest(level > 0 ? settings_.closest_asked_near : settings_.closest_asked);
}

void node::cancel(operation_id operation)
{
    const auto found = operations_.find(operation);
    const bool is_callers =
        found != operations_.end() && !std::holds_alternative<find_operation>(found->second.what);
    if (is_callers) {
        erase(operation);
    }
}

void node::advance(operation_id operation, time_point now)
{
    const auto found = operations_.find(operation);
    if (found == operations_.end()) {
        return;
    }
    any_operation& what = found->second.what;
    if (auto* find = std::get_if<find_operation>(&what)) {
        advance_find(operation, *find, now);
    } else if (auto* get = std::get_if<get_operation>(&what)) {
        advance_get(operation, *get, now);
    } else if (auto* wary = std::get_if<wary_operation>(&what)) {
        advance_wary(operation, *wary, now);
    } else if (auto* claim = std::get_if<lease_operation>(&what)) {
        advance_claim(operation, *claim, now);
    } else {
        advance_put(operation, std::get<store_operation>(what), now);
    }
}

// One query of an operation on its way. False if it cannot be sent.
bool node::ask_step(operation_id operation,
    const contact& who,
    const query_scope& scope,
    query_method method,
    time_point now)
{
    pending_query about;
    about.to = who;
    about.why = purpose::step;
    about.operation = operation;
    about.scope = scope;
    return ask(std::move(about), std::move(method), now);
}

void node::advance_find(operation_id operation, find_operation& find, time_point now)
{
    while (const std::optional<contact> who = find.steps.next()) {
        if (!ask_step(operation, *who, find.scope, find_node_query{find.steps.target()}, now)) {
            find.steps.failed(who->at);
        }
    }
    if (find.steps.is_finished()) {
        end_find(operation, now);
    }
}

void node::advance_get(operation_id operation, get_operation& get, time_point now)
{
    while (true) {
        while (const std::optional<contact> who = get.steps.next(random_)) {
            const get_peers_query question{get.steps.key(), std::nullopt};
            const bool is_asked =
                ask_step(operation, *who, levels_.scope(get.level), question, now);
            if (!is_asked) {
                get.steps.failed(who->at);
            }
            if (get.trace && is_asked) {
                get.trace->asked(*who, get.level, now);
            } else if (get.trace) {
                get.trace->skipped(*who, get.level, now);
            }
        }
        // In a small cluster one lost answer would hold up the search of the whole network. If it
        // comes after all, it is used.
        const bool goes_on = get.level > 0 && get.steps.is_held_up();
        if (!get.steps.is_finished() && !goes_on) {
            return;
        }
        if (get.level == 0) {
            if (get.steps.answers() > 0 && get.steps.answers() == get.steps.queries()) {
                absent_.note(get.steps.key(), now);
            }
            end_get(operation, {}, now);
            return;
        }
        get.level = levels_.wider_than(get.level);
        go_on(get.steps, get.level, std::nullopt);
        if (get.level == 0 && get.claim) {
            claim_after_get(operation, now);
            return;
        }
    }
}

void node::step_answered(const pending_query& asked, const response& reply, time_point now)
{
    const auto found = operations_.find(asked.operation);
    if (found == operations_.end()) {
        return;
    }
    if (!is_in_scope(asked.scope, reply)) {
        query_failed(asked, now);  // it has left the cluster that it was asked in
        return;
    }
    any_operation& what = found->second.what;
    const std::vector<contact> nodes = worth_asking(reply.nodes, now);
    if (auto* find = std::get_if<find_operation>(&what)) {
        find->steps.answered(asked.to.at, nodes);
    } else if (auto* put = std::get_if<store_operation>(&what)) {
        put->steps.answered(asked.to, reply, nodes);
    } else if (auto* wary = std::get_if<wary_operation>(&what)) {
        wary->steps.answered(asked.to.at, nodes);
        note_values(*wary, reply.values);
    } else if (std::holds_alternative<lease_operation>(what)) {
        claim_step_answered(asked, reply, now);
        return;
    } else {
        auto& get = std::get<get_operation>(what);
        std::vector<pointer> values = others(reply.values);
        if (get.trace) {
            get.trace->answered(asked.to.at, reply, values.size(), now);
        }
        const level_number level = level_of(reply).value_or(get.level);
        get.steps.answered(asked.to, level == get.level ? nodes : std::vector<contact>{});
        if (level < get.level) {
            get.level = level;
            go_on(get.steps, level, nodes);
        }
        if (level == 0 && get.claim) {
            claim_after_get(asked.operation, now);
            claim_step_answered(asked, reply, now);
            return;
        }
        // The first node with values ends a get (Coral, section 4.3).
        if (!values.empty()) {
            end_get(asked.operation, get_result{std::move(values)}, now);
            return;
        }
    }
    advance(asked.operation, now);
}

// The level that an answer is of, if it is not the one that was asked.
std::optional<level_number> node::level_of(const response& reply) const
{
    const bool is_known = reply.sloppy && reply.sloppy->level < levels_.count();
    return is_known ? reply.sloppy->level : std::nullopt;
}

std::vector<pointer> node::others(const std::vector<pointer>& values) const
{
    std::vector<pointer> out;
    for (const pointer& value : values) {
        const bool fits = value.peer.address.is_v4() == is_v4_ && value.peer != address_.current();
        if (fits && out.size() < settings_.values_read) {
            out.push_back(value);
        }
    }
    return out;
}

void node::query_overdue(const pending_query& asked, time_point now)
{
    const auto found = operations_.find(asked.operation);
    if (asked.why != purpose::step || found == operations_.end()) {
        return;
    }
    std::visit([&](auto& operation) { operation.steps.overdue(asked.to.at); }, found->second.what);
    advance(asked.operation, now);
}

void node::query_failed(const pending_query& asked, time_point now)
{
    if (asked.why == purpose::holder_check) {
        holder_was_silent(asked);
        return;
    }
    const auto found = operations_.find(asked.operation);
    const bool is_of_operation =
        asked.why == purpose::step || asked.why == purpose::store || asked.why == purpose::claim;
    if (!is_of_operation || found == operations_.end()) {
        return;
    }
    any_operation& what = found->second.what;
    if (auto* find = std::get_if<find_operation>(&what)) {
        find->steps.failed(asked.to.at);
    } else if (auto* get = std::get_if<get_operation>(&what)) {
        get->steps.failed(asked.to.at);
        if (get->trace) {
            get->trace->failed(asked.to.at);
        }
    } else if (auto* wary = std::get_if<wary_operation>(&what)) {
        wary->steps.failed(asked.to.at);
    } else if (auto* claim = std::get_if<lease_operation>(&what)) {
        if (asked.why == purpose::claim) {
            claim->steps.claim_failed();
        } else {
            claim->steps.ask_failed(asked.to.at);
        }
    } else if (auto& put = std::get<store_operation>(what); asked.why == purpose::step) {
        put.steps.ask_failed(asked.to.at);
    } else {
        put.steps.store_failed();
    }
    advance(asked.operation, now);
}

void node::end_at_deadline(operation_id operation, time_point now)
{
    const any_operation& what = operations_.at(operation).what;
    if (std::holds_alternative<find_operation>(what)) {
        end_find(operation, now);
    } else if (std::holds_alternative<get_operation>(what)) {
        get_result result;
        result.timed_out = true;
        end_get(operation, std::move(result), now);
    } else if (std::holds_alternative<wary_operation>(what)) {
        end_wary(operation, true);
    } else if (std::holds_alternative<lease_operation>(what)) {
        end_claim(operation, true, now);
    } else {
        end_put(operation, true, now);
    }
}

void node::end_find(operation_id operation, time_point now)
{
    const auto& find = std::get<find_operation>(operations_.at(operation).what);
    const find_reason why = find.why;
    const level_number level = find.scope.level;
    erase(operation);
    --running_finds_;
    refresh_wanted_ = true;
    if (why == find_reason::join) {
        has_joined_ = true;
        joining_.ended(levels_.table().good_count(), now);
        if (levels_.table().good_count() > 0) {
            tell_neighbours(now);
            seek_neighbours(now);
        }
    } else if (why == find_reason::sample) {
        end_sample(level, now);
    }
}

void node::end_get(operation_id operation, get_result result, time_point now)
{
    const auto& get = std::get<get_operation>(operations_.at(operation).what);
    result.hops = get.steps.answers();
    result.queries = get.steps.queries();
    if (get.trace) {
        result.trace = get.trace->steps();
    }
    counted_.gets_found += result.pointers.empty() ? 0 : 1;
    counted_.gets_timed_out += result.timed_out ? 1 : 0;
    const bool is_claim = get.claim.has_value();
    const bool is_for_neighbours = get.is_for_neighbours;
    erase(operation);
    if (is_for_neighbours) {
        meet(result.pointers, now);
        return;
    }
    if (is_claim) {
        outputs_.push_back(claim_done{operation, claim_result_of(std::move(result))});
    } else {
        outputs_.push_back(get_done{operation, std::move(result)});
    }
}

}  // namespace dht
