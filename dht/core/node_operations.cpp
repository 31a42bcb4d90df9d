// Gets, puts and searches of a node: starting them, carrying them on, ending them. Each ends once,
// by itself or at its deadline.

#include "dht/core/node.hpp"

#include <boost/assert.hpp>

#include <algorithm>

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
    ++counted_.gets;
    // Hop 0: what this node itself holds for others.
    get_result here;
    here.pointers = others(levels_.pointers(0, key, now));
    const bool refused = operations_.size() >= settings_.operations;
    counted_.refused_operations += refused ? 1 : 0;
    const operation_id operation =
        start(get_operation{walk_to(key), levels_.narrowest()}, now + budget);
    if (refused || !here.pointers.empty()) {
        end_get(operation, std::move(here));
    } else {
        advance(operation, now);
    }
    return operation;
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

operation_id node::put(const node_id& key, const pointer& value, time_point now)
{
    const operation_id operation = start_put(key, value, false, {}, now);
    const bool refused = operations_.size() > settings_.operations;
    counted_.refused_operations += refused ? 1 : 0;
    if (refused || !address_.current()) {
        end_put(operation, false, now);
    } else {
        advance(operation, now);
    }
    return operation;
}

operation_id node::start_put(const node_id& key,
    const pointer& value,
    bool is_announced,
    std::vector<holder> before,
    time_point now)
{
    ++counted_.puts;
    const level_number level = levels_.narrowest();
    pointer ours = value;
    ours.peer = address_.current().value_or(endpoint{});
    admission here = admission::ordinary;
    put_operation steps = put_at(level, before, walk_to(key), ours, here, now);
    store_operation put{std::move(steps),
        level,
        std::move(before),
        {},
        false,
        false,
        ours,
        value.life,
        here,
        is_announced};
    return start(std::move(put), now + settings_.put_deadline);
}

// The part of a put at one level. Hop 0 is this node's own store there.
put_operation node::put_at(level_number level,
    const std::vector<holder>& before,
    sloppy_walk walk,
    pointer& value,
    admission& here,
    time_point now)
{
    const value_store::condition found =
        levels_.values(level).count_put(walk.key(), value.life, now);
    here = found.full && !found.loaded ? admission::leaked : admission::ordinary;
    std::vector<holder> at_this_level;
    for (const holder& one : before) {
        if (one.scope.level == level) {
            at_this_level.push_back(one);
        }
    }
    return {id(), std::move(walk), found, std::move(at_this_level), settings_};
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

bool node::announce(
    const node_id& key, const pointer& value, std::chrono::seconds life, time_point now)
{
    if (!announced_.insert(key, value, now + life, now)) {
        ++counted_.refused_operations;
        return false;
    }
    start_due_puts(now);
    return true;
}

void node::withdraw(const node_id& key, time_point now)
{
    const auto withdrawn = announced_.remove(key);
    if (!withdrawn || !address_.current()) {
        return;
    }
    // A put that is still running takes back its own copies when it ends.
    forget_own(key);
    for (const holder& one : withdrawn->holders) {
        say_farewell(one, key, purpose::farewell, now);
    }
}

void node::withdraw_all(std::size_t most, time_point now)
{
    for (const node_id& key : announced_.keys(most)) {
        withdraw(key, now);
    }
    for (const auto& [key, number] : held_.some(most)) {
        release(key, number, release_reason::withdrawn, now);
    }
}

void node::say_farewell(const holder& where, const node_id& key, purpose why, time_point now)
{
    pending_query about;
    about.to = where.who;
    about.why = why;
    about.key = key;
    about.scope = where.scope;
    // Where the table of queries is full the copy stays until its life ends.
    ask(std::move(about), announce_query{key, where.token, 0, put_terms{}}, now);
}

// What this node itself stores of its own.
void node::forget_own(const node_id& key)
{
    for (level_number level = 0; level < levels_.count(); ++level) {
        levels_.values(level).withdraw(key, *address_.current());
    }
}

// A pointer put before anybody is known would be found by nobody.
bool node::may_start_put() const
{
    return has_joined_ && address_.current() && running_puts_ < settings_.parallel_puts;
}

void node::start_due_puts(time_point now)
{
    while (may_start_put()) {
        const std::optional<node_id> key = announced_.next_due(now);
        if (!key) {
            return;
        }
        const announcements::announcement& due = announced_.at(*key);
        pointer value = due.value;
        value.life = announced_.put_life(*key, now);
        const operation_id operation = start_put(*key, value, true, due.holders, now);
        ++running_puts_;
        announced_.put_started(*key, operation, levels_.table().estimated_network_size());
        advance(operation, now);
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
    } else if (auto* claim = std::get_if<lease_operation>(&what)) {
        advance_claim(operation, *claim, now);
    } else {
        advance_put(operation, std::get<store_operation>(what), now);
    }
}

void node::advance_find(operation_id operation, find_operation& find, time_point now)
{
    while (const std::optional<contact> who = find.steps.next()) {
        pending_query about;
        about.to = *who;
        about.why = purpose::step;
        about.operation = operation;
        about.scope = find.scope;
        if (!ask(std::move(about), find_node_query{find.steps.target()}, now)) {
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
            pending_query about;
            about.to = *who;
            about.why = purpose::step;
            about.operation = operation;
            about.scope = levels_.scope(get.level);
            if (!ask(std::move(about), get_peers_query{get.steps.key(), std::nullopt}, now)) {
                get.steps.failed(who->at);
            }
        }
        if (!get.steps.is_finished()) {
            return;
        }
        if (get.level == 0) {
            end_get(operation, {});
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

void node::advance_put(operation_id operation, store_operation& put, time_point now)
{
    while (true) {
        while (const auto action = put.steps.next(random_)) {
            if (carry_out(operation, put, *action, now)) {
                continue;
            }
            if (const auto* asking = std::get_if<put_operation::ask>(&*action)) {
                put.steps.ask_failed(asking->who.at);
            } else {
                put.steps.store_failed();
            }
        }
        if (!put.steps.is_finished()) {
            return;
        }
        // A cluster that is saturated with the key needs no help from the wider one (Coral, section
        // 3.3: "unless the key is already loaded in that cluster").
        if (put.level == 0 || put.steps.is_saturated()) {
            end_put(operation, false, now);
            return;
        }
        widen(put, now);
    }
}

void node::widen(store_operation& put, time_point now)
{
    end_level_of_put(put);
    put.level = levels_.wider_than(put.level);
    sloppy_walk walk = put.steps.take_walk();
    go_on(walk, put.level, std::nullopt);
    put.steps = put_at(put.level, put.before, std::move(walk), put.value, put.here, now);
}

// What is known of the level that is done.
void node::end_level_of_put(store_operation& put)
{
    for (holder one : put.steps.holders()) {
        one.scope = levels_.scope(put.level);
        put.holders.push_back(std::move(one));
    }
    put.is_held_here = put.is_held_here || put.steps.is_held_here();
    put.has_reached_others =
        put.has_reached_others || put.steps.answers() > 0 || put.steps.queries() == 0;
}

// False if there is no room for another query.
bool node::carry_out(operation_id operation,
    store_operation& put,
    const put_operation::action& action,
    time_point now)
{
    if (std::holds_alternative<put_operation::store_here>(action)) {
        value_store& values = levels_.values(put.level);
        put.steps.stored_here(values.put(put.steps.key(), put.value, put.here, now));
        return true;
    }
    pending_query about;
    about.operation = operation;
    about.scope = levels_.scope(put.level);
    if (const auto* asking = std::get_if<put_operation::ask>(&action)) {
        about.to = asking->who;
        about.why = purpose::step;
        return ask(std::move(about), get_peers_query{put.steps.key(), put.value.life}, now);
    }
    const holder& where = std::get<put_operation::store_at>(action).where;
    about.to = where.who;
    about.why = purpose::store;
    about.token = where.token;
    const put_terms terms{put.value.state, put.value.life, put.value.load, put.value.version_tag};
    return ask(std::move(about), announce_query{put.steps.key(), where.token, 0, terms}, now);
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
    const std::vector<contact> nodes = usable(reply.nodes);
    if (auto* find = std::get_if<find_operation>(&what)) {
        find->steps.answered(asked.to.at, nodes);
    } else if (auto* put = std::get_if<store_operation>(&what)) {
        put->steps.answered(asked.to, reply, nodes);
    } else if (std::holds_alternative<lease_operation>(what)) {
        claim_step_answered(asked, reply, now);
        return;
    } else {
        auto& get = std::get<get_operation>(what);
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
        std::vector<pointer> values = others(reply.values);
        // The first node with values ends a get (Coral, section 4.3).
        if (!values.empty()) {
            end_get(asked.operation, get_result{std::move(values)});
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

void node::store_answered(const pending_query& asked, const response& reply, time_point now)
{
    const auto found = operations_.find(asked.operation);
    if (found == operations_.end()) {
        return;
    }
    auto& put = std::get<store_operation>(found->second.what);
    // A plain node does not say; it has stored the value for a time of its own.
    const sloppy_reply terms = reply.sloppy.value_or(sloppy_reply{});
    const store_status status = terms.status.value_or(store_status::stored);
    if (status == store_status::stored) {
        put.granted = std::min(put.granted, terms.granted.value_or(put.granted));
    }
    put.steps.store_answered(holder{asked.to, asked.token}, status);
    advance(asked.operation, now);
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
        end_get(operation, std::move(result));
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
    } else if (why == find_reason::sample) {
        end_sample(level, now);
    }
}

void node::end_get(operation_id operation, get_result result)
{
    const auto& get = std::get<get_operation>(operations_.at(operation).what);
    result.hops = get.steps.answers();
    result.queries = get.steps.queries();
    counted_.gets_found += result.pointers.empty() ? 0 : 1;
    counted_.gets_timed_out += result.timed_out ? 1 : 0;
    const bool is_claim = get.claim.has_value();
    erase(operation);
    if (is_claim) {
        outputs_.push_back(claim_done{operation, claim_result_of(std::move(result))});
    } else {
        outputs_.push_back(get_done{operation, std::move(result)});
    }
}

void node::end_put(operation_id operation, bool timed_out, time_point now)
{
    store_operation put = std::move(std::get<store_operation>(operations_.at(operation).what));
    end_level_of_put(put);
    erase(operation);
    const std::size_t copies = put.holders.size() + (put.is_held_here ? 1 : 0);
    counted_.puts_stored += copies > 0 ? 1 : 0;
    if (put.is_announced) {
        end_announced_put(operation, put, now);
    } else {
        outputs_.push_back(put_done{operation, copies, timed_out});
    }
}

void node::end_announced_put(operation_id operation, const store_operation& put, time_point now)
{
    --running_puts_;
    const node_id& key = put.steps.key();
    if (!announced_.contains(key)) {
        // Withdrawn while the put was on its way.
        forget_own(key);
        for (const holder& one : put.holders) {
            say_farewell(one, key, purpose::farewell, now);
        }
    } else if (announced_.at(key).put == operation) {
        announced_.put_ended(key, put.holders, put.granted, put.has_reached_others, now);
    }
}

}  // namespace dht
