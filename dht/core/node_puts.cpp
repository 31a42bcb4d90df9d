// Puts of a node, and the announcements that repeat them: level by level, taken back when they end.

#include "dht/core/node.hpp"

#include <algorithm>
#include <utility>

namespace dht {

operation_id node::put(const node_id& key, const pointer& value, time_point now)
{
    const operation_id operation = start_put(key, value, false, {}, now);
    const bool refused = operations_.size() > settings_.operations;
    counted_.refused_operations += refused ? 1 : 0;
    if (refused || !address_.current() || is_read_only()) {
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
    sloppy_walk way = walk_to(key);
    way.shorten_steps(settings_.put_step_bits);
    way.mistrust(levels_.table().estimated_network_size());
    level_put first = put_at(level, before, std::move(way), value.life, now);
    store_operation put{std::move(first.steps),
        level,
        std::move(before),
        {},
        false,
        false,
        ours,
        value.life,
        first.here,
        is_announced};
    return start(std::move(put), now + settings_.put_deadline);
}

// The part of a put at one level. Hop 0 is this node's own store there.
node::level_put node::put_at(level_number level,
    const std::vector<holder>& before,
    sloppy_walk walk,
    std::chrono::seconds life,
    time_point now)
{
    const value_store::condition found = levels_.values(level).count_put(walk.key(), life, now);
    const admission here = found.full && !found.loaded ? admission::leaked : admission::ordinary;
    std::vector<holder> at_this_level;
    for (const holder& one : before) {
        if (one.scope.level == level) {
            at_this_level.push_back(one);
        }
    }
    return {put_operation{id(), std::move(walk), found, std::move(at_this_level), settings_}, here};
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

// What this node announces, if others may come for it.
std::optional<pointer> node::own_pointer(const node_id& key, time_point now) const
{
    if (!announced_.contains(key) || !address_.current() || is_read_only()) {
        return std::nullopt;
    }
    pointer ours = announced_.at(key).value;
    ours.peer = *address_.current();
    ours.life = announced_.put_life(key, now);
    return ours.life.count() > 0 ? std::optional{ours} : std::nullopt;
}

// What this node itself stores of its own.
void node::forget_own(const node_id& key)
{
    for (level_number level = 0; level < levels_.count(); ++level) {
        levels_.values(level).withdraw(key, *address_.current());
    }
}

// A pointer put before anybody is known would be found by nobody, and one to a node that strangers
// do not reach would only cost them time.
bool node::may_start_put() const
{
    return has_joined_ && address_.current() && !is_read_only() &&
           running_puts_ < settings_.parallel_puts;
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
    level_put next = put_at(put.level, put.before, std::move(walk), put.value.life, now);
    put.steps = std::move(next.steps);
    put.here = next.here;
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
    const query_scope scope = levels_.scope(put.level);
    if (const auto* asking = std::get_if<put_operation::ask>(&action)) {
        return ask_step(
            operation, asking->who, scope, get_peers_query{put.steps.key(), put.value.life}, now);
    }
    const holder& where = std::get<put_operation::store_at>(action).where;
    pending_query about;
    about.operation = operation;
    about.scope = scope;
    about.to = where.who;
    about.why = purpose::store;
    about.token = where.token;
    const put_terms terms{put.value.state, put.value.life, put.value.load, put.value.version_tag};
    return ask(std::move(about), announce_query{put.steps.key(), where.token, 0, terms}, now);
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
    put.steps.store_answered(holder{asked.to, asked.token, asked.scope, now, now}, status);
    advance(asked.operation, now);
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
        outputs_.emplace_back(put_done{operation, copies, timed_out});
    }
}

// Of those who held it before, who stores it again lives; whoever does not is asked.
void node::note_holders(const store_operation& put, time_point now)
{
    for (const holder& one : put.before) {
        const bool holds_again = std::any_of(put.holders.begin(),
            put.holders.end(),
            [&](const holder& other) { return other.who.at == one.who.at; });
        if (holds_again) {
            holders_live_.survived(now - one.heard, now);
        } else {
            ask_holder(put.steps.key(), one, now);
        }
    }
}

// Silence means something only where somebody else is heard in the same time: a contact is asked
// too.
void node::ask_holder(const node_id& key, const holder& whom, time_point now)
{
    for (const contact& witness : some_contacts(1, whom.who.at)) {
        probe(witness, now);
    }
    pending_query about;
    about.to = whom.who;
    about.why = purpose::holder_life;
    about.key = key;
    about.heard = whom.heard;
    ask(std::move(about), ping_query{}, now);
}

// Who was asked, for whatever, is gone.
void node::lose_holder(const pending_query& asked, time_point now)
{
    std::vector<time_point> heard = announced_.holder_was_lost(asked.to.at, now);
    if (heard.empty() && asked.why == purpose::holder_life) {
        heard.push_back(asked.heard);  // others have taken its place since
    }
    for (const time_point when : heard) {
        holders_live_.died(now - when, now);
    }
}

void node::holder_lives(const pending_query& asked, time_point now)
{
    holders_live_.survived(now - asked.heard, now);
    announced_.holder_answered(asked.key, asked.to.at, now);
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
        note_holders(put, now);
        announced_.put_ended(key, put.holders, put.granted, put.has_reached_others, now);
    }
}

}  // namespace dht
