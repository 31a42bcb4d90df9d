// Claims of a node: asking for the right to fetch from the origin, keeping it, giving it back; and
// the pings to holders whom others report.

#include "dht/core/node.hpp"

#include <algorithm>
#include <utility>

namespace dht {

// Nearer levels first: what is held there spares a lease.
operation_id node::claim(const node_id& key, std::chrono::milliseconds budget, time_point now)
{
    const level_number level = levels_.narrowest();
    if (level == 0 || operations_.size() >= settings_.operations) {
        return claim_lost(key, 0, budget, now);
    }
    ++counted_.claims;
    get_operation get{walk_to(key), level, claim_request{budget}};
    const operation_id operation = start(std::move(get), now + budget);
    get_result here;
    here.pointers = others(levels_.pointers(1, key, now));
    if (here.pointers.empty()) {
        advance(operation, now);
    } else {
        end_get(operation, std::move(here), now);
    }
    return operation;
}

operation_id node::claim_lost(
    const node_id& key, lease_number silent, std::chrono::milliseconds budget, time_point now)
{
    ++counted_.claims;
    // Without an address of our own nobody could be sent to us.
    const bool refused =
        operations_.size() >= settings_.operations || held_.is_full() || !address_.current();
    counted_.refused_operations += refused ? 1 : 0;
    const routing_table& table = levels_.table();
    sloppy_walk way{id(), key, settings_, table.towards(key, settings_.bucket_size)};
    const time_point deadline = now + budget;
    const operation_id operation =
        start(lease_by(std::move(way), silent, budget, deadline), deadline);
    if (refused) {
        end_claim(operation, false, now);
    } else {
        begin_claim(operation, now);
    }
    return operation;
}

node::lease_operation node::lease_by(sloppy_walk way,
    lease_number silent,
    std::chrono::milliseconds budget,
    time_point deadline) const
{
    const time_point patient_until = deadline - budget / settings_.claim_budget_parts;
    // A budget has room for a loss or two if they are noticed early.
    const duration late_within =
        std::max<duration>(budget / settings_.claim_late_parts, settings_.least_late_after);
    return {claim_operation{id(), std::move(way), silent, patient_until, settings_}, late_within};
}

void node::begin_claim(operation_id operation, time_point now)
{
    claim_operation& claim = std::get<lease_operation>(operations_.at(operation).what).steps;
    claim.holds_here(leases_.find(claim.key(), *address_.current(), now),
        claimable(levels_.values().values(claim.key(), now)));
    advance(operation, now);
}

// The nearer levels hold nothing: the claim goes on from the point that the get has reached.
void node::claim_after_get(operation_id operation, time_point now)
{
    running& it = operations_.at(operation);
    get_operation get = std::move(std::get<get_operation>(it.what));
    if (held_.is_full() || !address_.current()) {
        end_get(operation, {}, now);
        return;
    }
    it.what = lease_by(std::move(get.steps), 0, get.claim->budget, it.deadline);
    begin_claim(operation, now);
}

claim_result node::claim_result_of(get_result&& found)
{
    claim_result out;
    out.outcome = found.pointers.empty() ? claim_outcome::nobody_grants : claim_outcome::found;
    out.pointers = std::move(found.pointers);
    out.timed_out = found.timed_out;
    out.hops = found.hops;
    out.queries = found.queries;
    return out;
}

// What the asker of a claim may use: pointers to others, and from whomever that nobody shall wait.
std::vector<pointer> node::claimable(const std::vector<pointer>& values) const
{
    std::vector<pointer> out = others(values);
    for (const pointer& value : values) {
        const bool is_ours = value.peer == address_.current();
        if (is_ours && value.state == pointer_state::not_shareable) {
            out.push_back(value);
        }
    }
    return out;
}

void node::advance_claim(operation_id operation, lease_operation& lease, time_point now)
{
    claim_operation& claim = lease.steps;
    while (const auto action = claim.next(random_, now)) {
        pending_query about;
        about.operation = operation;
        about.late_within = lease.late_within;
        if (const auto* asking = std::get_if<claim_operation::ask>(&*action)) {
            about.to = asking->who;
            about.why = purpose::step;
            if (!ask(std::move(about), get_peers_query{claim.key(), std::nullopt}, now)) {
                claim.ask_failed(asking->who.at);
            }
        } else if (const auto* there = std::get_if<claim_operation::claim_at>(&*action)) {
            claim_from(there->where, claim, std::move(about), now);
        } else {
            claim_here(claim, now);
        }
    }
    if (claim.is_finished()) {
        end_claim(operation, false, now);
        return;
    }
    set_wake(operation, claim.wake_at());
}

void node::claim_from(
    const holder& where, claim_operation& claim, pending_query about, time_point now)
{
    about.to = where.who;
    about.why = purpose::claim;
    about.key = claim.key();
    about.token = where.token;
    get_peers_query claiming{claim.key(), std::nullopt};
    claiming.claim = claim_terms{settings_.lease_life, where.token, claim.silent()};
    if (!ask(std::move(about), std::move(claiming), now)) {
        claim.claim_failed();
    }
}

void node::claim_here(claim_operation& claim, time_point now)
{
    if (!address_.current() || is_read_only()) {
        claim.claim_failed();
        return;
    }
    const claim_terms terms{settings_.lease_life, {}, claim.silent()};
    const auto lease = respond_.claim(claim.key(), *address_.current(), terms, now);
    claim.answered_here(lease, claimable(levels_.values().values(claim.key(), now)), now);
    ping_reported_holders(now);
}

void node::claim_step_answered(const pending_query& asked, const response& reply, time_point now)
{
    const auto found = operations_.find(asked.operation);
    if (found == operations_.end() ||
        !std::holds_alternative<lease_operation>(found->second.what)) {
        return;
    }
    auto& claim = std::get<lease_operation>(found->second.what).steps;
    claim.answered(asked.to, reply, claimable(reply.values), worth_asking(reply.nodes, now));
    advance(asked.operation, now);
}

void node::claim_answered(const pending_query& asked, const response& reply, time_point now)
{
    const auto found = operations_.find(asked.operation);
    if (found != operations_.end()) {
        auto& claim = std::get<lease_operation>(found->second.what).steps;
        claim.claim_answered({asked.to, asked.token}, reply, claimable(reply.values), now);
        advance(asked.operation, now);
        return;
    }
    // The caller waits no more: whoever asks next shall not wait for us.
    const bool is_granted = reply.sloppy && reply.sloppy->lease && reply.sloppy->lease->granted;
    if (is_granted && held_.find(asked.key, reply.sloppy->lease->number) == nullptr) {
        const std::string& token = reply.token.empty() ? asked.token : reply.token;
        put_terms terms;
        terms.lease = reply.sloppy->lease->number;
        change_lease(asked.key, holder{asked.to, token}, terms, purpose::last_farewell, now);
    }
}

void node::end_claim(operation_id operation, bool timed_out, time_point now)
{
    const claim_operation claim =
        std::move(std::get<lease_operation>(operations_.at(operation).what).steps);
    erase(operation);
    claim_result result = claim.result();
    result.timed_out = timed_out;
    const bool leads = result.outcome == claim_outcome::leads;
    if (leads && held_.insert(claim.key(), result.number, claim.grantor(), now)) {
        ++counted_.claims_led;
    } else if (leads) {
        put_terms terms;
        terms.lease = result.number;
        change_lease(claim.key(), claim.grantor(), terms, purpose::last_farewell, now);
        result = claim_result{};
    }
    outputs_.push_back(claim_done{operation, std::move(result)});
}

bool node::renew(const node_id& key, lease_number number, const fetch_progress& progress)
{
    held_leases::lease* const held = held_.find(key, number);
    if (held == nullptr) {
        return false;
    }
    held->progress = progress;
    return true;
}

void node::complete(const node_id& key,
    lease_number number,
    const pointer& value,
    std::chrono::seconds life,
    time_point now)
{
    put_terms terms;
    terms.state = pointer_state::complete;
    terms.life = std::min(life, settings_.pointer_life);
    terms.load = value.load;
    terms.version_tag = value.version_tag;
    end_lease(key, number, terms, now);
    announce(key, value, life, now);
}

void node::release(const node_id& key, lease_number number, release_reason why, time_point now)
{
    put_terms terms;
    if (why == release_reason::not_shareable) {
        terms.state = pointer_state::not_shareable;
        terms.life = settings_.not_shareable_life;
    }
    end_lease(key, number, terms, now);
}

void node::end_lease(const node_id& key, lease_number number, put_terms terms, time_point now)
{
    const auto held = held_.remove(key, number);
    if (held) {
        terms.lease = number;
        terms.received_octets = held->progress.received_octets;
        change_lease(key, held->grantor, terms, purpose::last_farewell, now);
    }
}

void node::renew_due_leases(time_point now)
{
    while (const auto key = held_.next_due(now)) {
        const held_leases::lease held = held_.at(*key);
        if (held.expires <= now) {
            lose_lease(*key, held.number);
            continue;
        }
        put_terms terms;
        terms.state = pointer_state::in_flight;
        terms.life = settings_.lease_life;
        terms.load = held.progress.load;
        terms.version_tag = held.progress.version_tag;
        terms.lease = held.number;
        terms.received_octets = held.progress.received_octets;
        change_lease(*key, held.grantor, terms, purpose::renewal, now);
    }
}

// Says to who granted a lease how it stands with it.
void node::change_lease(const node_id& key,
    const std::optional<holder>& grantor,
    const put_terms& terms,
    purpose why,
    time_point now)
{
    if (grantor) {
        pending_query about;
        about.to = grantor->who;
        about.why = why;
        about.key = key;
        about.lease = terms.lease;
        // Where the table of queries is full, the next renewal or the end of the lease says it.
        ask(std::move(about), announce_query{key, grantor->token, 0, terms}, now);
        return;
    }
    pointer value;
    value.peer = address_.current().value_or(endpoint{});
    value.state = terms.state.value_or(pointer_state::complete);
    value.life = terms.life;
    value.load = terms.load;
    value.version_tag = terms.version_tag;
    if (respond_.renew(key, value, terms, now)) {
        held_.renewed(key, terms.lease, {}, now);
    } else {
        lose_lease(key, terms.lease);
    }
}

void node::renewal_answered(const pending_query& asked, const response& reply, time_point now)
{
    const bool goes_on = reply.sloppy && reply.sloppy->lease && reply.sloppy->lease->granted;
    if (goes_on) {
        held_.renewed(asked.key, asked.lease, reply.token, now);
    } else {
        lose_lease(asked.key, asked.lease);
    }
}

void node::lose_lease(const node_id& key, lease_number number)
{
    if (held_.remove(key, number)) {
        ++counted_.leases_lost;
        outputs_.push_back(lease_lost{key, number});
    }
}

void node::ping_reported_holders(time_point now)
{
    while (const auto due = leases_.next_check()) {
        pending_query about;
        about.to = contact_at(due->holder);
        about.why = purpose::holder_check;
        about.key = due->key;
        about.lease = due->number;
        about.late_within =
            duration{settings_.holder_deadline} / static_cast<int>(settings_.given_up_after);
        const bool is_self = due->holder == address_.current();
        if (is_self || !ask(std::move(about), ping_query{}, now)) {
            leases_.holder_answered(*due);
        }
    }
}

void node::holder_was_silent(const pending_query& asked)
{
    if (leases_.holder_was_silent({asked.key, asked.to.at, asked.lease})) {
        ++counted_.leases_taken;
        levels_.values().withdraw(asked.key, asked.to.at);
    }
}

void node::set_wake(operation_id operation, std::optional<time_point> when)
{
    running& it = operations_.at(operation);
    if (it.wake != when) {
        if (it.wake) {
            wakes_.erase({*it.wake, operation});
        }
        if (when) {
            wakes_.emplace(*when, operation);
        }
        it.wake = when;
    }
}

void node::wake_operations(time_point now)
{
    while (!wakes_.empty() && wakes_.begin()->first <= now) {
        const operation_id operation = wakes_.begin()->second;
        set_wake(operation, std::nullopt);
        advance(operation, now);
    }
}

}  // namespace dht
