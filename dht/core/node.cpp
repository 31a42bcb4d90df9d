#include "dht/core/node.hpp"

#include "dht/core/encoder.hpp"

#include <boost/assert.hpp>

#include <algorithm>
#include <cmath>

namespace dht {
node::node(const endpoint& bound,
    const std::optional<endpoint>& advertised,
    const config& settings,
    random_source& random,
    time_point now)
    : settings_(settings),
      random_(random),
      network_(tag_of(settings.network)),
      gate_(settings_, random),
      is_v4_(bound.address.is_v4()),
      address_(bound, advertised),
      levels_(id_of(address_.current().value_or(bound)), settings_, random_, now),
      leases_(settings_),
      tokens_(settings_, random_, now),
      respond_(settings_,
          levels_,
          leases_,
          tokens_,
          [this](const node_id& key, time_point when) { return own_pointer(key, when); }),
      rpcs_(settings_),
      pace_({settings_.query_rate, settings_.query_burst, settings_.query_slots}, random_),
      strangers_({settings_.probe_rate, settings_.probe_burst, settings_.source_slots}, random_),
      announced_(settings_, random_),
      held_(settings_),
      absent_(settings_),
      joining_(settings_, random_),
      silent_(settings_),
      reach_(settings_, now),
      next_maintenance_(now + settings_.maintenance)
{
}

void node::join(
    const std::vector<endpoint>& seeds, const std::vector<endpoint>& remembered, time_point now)
{
    joining_.set_doors(seeds, remembered, now);
    has_joined_ = false;
    start_join(now);
}

void node::handle_datagram(
    const endpoint& from, std::span<const std::byte> datagram, time_point now)
{
    ++counted_.datagrams_in;
    counted_.octets_in += datagram.size();
    if (!is_reachable_form(from) || from.address.is_v4() != is_v4_) {
        ++counted_.drops(drop_reason::malformed);
        return;
    }
    const auto entered = gate_.enter(datagram, now);
    if (!entered) {
        // No answer: it would let anybody make us send to a forged source.
        ++counted_.drops(entered.error());
        return;
    }
    const message& what = entered->what;
    if (const auto* asked = std::get_if<query>(&what.body)) {
        handle_query(what, *asked, from, entered->octets, now);
    } else if (const auto* reply = std::get_if<response>(&what.body)) {
        handle_response(what.transaction, *reply, from, now);
    } else {
        handle_error(what.transaction, std::get<error_reply>(what.body), from, now);
    }
    refresh(now);
}

void node::handle_query(const message& what,
    const query& asked,
    const endpoint& from,
    std::size_t octets,
    time_point now)
{
    if (!is_of_this_network(asked)) {
        // An error makes a plain node drop us as a contact of no use; that is what we want.
        ++counted_.drops(drop_reason::other_network);
        const error_reply refusal{static_cast<int>(krpc_error::other_network)};
        send(from, message{what.transaction, refusal}, now);
        return;
    }
    count_load(asked, now);
    const bool passed_on = serve_reach(asked, from, now);
    responder::answer answer = respond_({asked, from, octets, gate_.is_closed()}, now);
    if (auto* const reply = std::get_if<response>(&answer); reply != nullptr && reply->sloppy) {
        reply->sloppy->passed_on = passed_on;
        reply->sloppy->read_only = is_read_only();
    }
    message out{what.transaction, error_reply{}};
    std::visit([&](auto& body) { out.body = std::move(body); }, answer);
    send(from, out, now);
    ++counted_.queries_answered;
    ping_reported_holders(now);
    consider(asked, from, now);
}

void node::count_load(const query& asked, time_point now)
{
    if (const auto* const get = std::get_if<get_peers_query>(&asked.method)) {
        busy_.count(get->key, now);
    } else if (const auto* const put = std::get_if<announce_query>(&asked.method)) {
        busy_.count(put->key, now);
    }
}

// What the table's rules keep low, above all where this node is the closest to a key.
std::vector<key_load> node::loads(time_point now) const
{
    constexpr std::size_t told = 5;
    std::vector<key_load> out;
    for (const busy_keys::load& one : busy_.busiest(told, now)) {
        const std::vector<contact> closest = levels_.table().closest(one.key, 1);
        const bool is_root = closest.empty() || !is_closer(one.key, closest.front().id, id());
        out.push_back({one.key, one.requests, is_root});
    }
    return out;
}

bool node::is_of_this_network(const query& asked) const
{
    return asked.network ? *asked.network == network_ : settings_.plain_krpc;
}

// An answer names its network only where the query was a ping; who is of another network answers
// with an error.
bool node::is_of_this_network(const response& reply) const
{
    if (!reply.sloppy) {
        return settings_.plain_krpc;
    }
    return !reply.sloppy->network || *reply.sloppy->network == network_;
}

bool node::is_admissible(const node_id& id, const endpoint& at) const
{
    return settings_.plain_krpc || id == id_of(at);
}

void node::handle_response(
    const std::string& transaction, const response& reply, const endpoint& from, time_point now)
{
    const std::optional<rpc_table::answer> matched = rpcs_.take(transaction, from, now);
    if (!matched) {
        ++counted_.drops(drop_reason::unmatched);
        return;
    }
    const pending_query& asked = matched->query;
    probed_.erase(from);
    if (!is_of_this_network(reply)) {
        ++counted_.drops(drop_reason::other_network);
        levels_.table().remove(asked.to.id);
        query_failed(asked, now);
        return;
    }
    note_answer(from, now);
    if (settings_.plain_krpc && reply.sender != asked.to.id) {
        // Started again, where IDs are chosen: whom we knew there is gone.
        forget(asked.to.id);
    }
    if (is_admissible(reply.sender, from)) {
        note_contact(reply, from, matched->took, now);
    }
    learn_own_address(from, reply, now);
    dispatch(asked, reply, now);
}

void node::forget(const node_id& id)
{
    for (level_number level = 0; level < levels_.count(); ++level) {
        levels_.table(level).remove(id);
    }
}

// Whose ID fits has answered: it is a contact, unless strangers do not reach it.
void node::note_contact(const response& reply, const endpoint& from, duration took, time_point now)
{
    if (reply.sloppy && reply.sloppy->read_only) {
        forget(reply.sender);
        return;
    }
    contact who;
    who.id = reply.sender;
    who.at = from;
    if (const contact* const known = levels_.table().find(who.id)) {
        contacts_live_.survived(now - known->last_answer, now);
    }
    if (levels_.table().answered(who, took, now)) {
        adapt_to_growth(now);
    }
    if (reply.sloppy) {
        observe(who, reply.sloppy->clusters, took, now);
    }
}

void node::handle_error(
    const std::string& transaction, const error_reply& error, const endpoint& from, time_point now)
{
    const std::optional<rpc_table::answer> matched = rpcs_.take(transaction, from, now);
    if (!matched) {
        ++counted_.drops(drop_reason::unmatched);
        return;
    }
    const pending_query& asked = matched->query;
    probed_.erase(from);
    if (error.code == static_cast<int>(krpc_error::other_network)) {
        levels_.table().remove(asked.to.id);
    }
    if (asked.why == purpose::farewell) {
        // The token of the put is too old.
        pending_query again;
        again.to = asked.to;
        again.why = purpose::withdrawal;
        again.key = asked.key;
        again.scope = asked.scope;
        ask(std::move(again), get_peers_query{asked.key, std::nullopt}, now);
        return;
    }
    if (asked.why == purpose::holder_check) {
        leases_.holder_answered({asked.key, asked.to.at, asked.lease});
        return;
    }
    query_failed(asked, now);
}

void node::dispatch(const pending_query& asked, const response& reply, time_point now)
{
    switch (asked.why) {
    case purpose::step: step_answered(asked, reply, now); break;
    case purpose::store: store_answered(asked, reply, now); break;
    case purpose::withdrawal:
        say_farewell({asked.to, reply.token, asked.scope}, asked.key, purpose::last_farewell, now);
        break;
    case purpose::claim: claim_answered(asked, reply, now); break;
    case purpose::renewal: renewal_answered(asked, reply, now); break;
    case purpose::holder_check:
        leases_.holder_answered({asked.key, asked.to.at, asked.lease});
        break;
    case purpose::reach_wanted:
        if (reply.sloppy && reply.sloppy->passed_on) {
            reach_.passed_on();
        }
        break;
    case purpose::holder_life: holder_lives(asked, now); break;
    case purpose::liveness:
    case purpose::farewell:
    case purpose::last_farewell: break;
    }
}

std::vector<contact> node::usable(const std::vector<contact>& nodes) const
{
    std::vector<contact> out;
    for (const contact& who : nodes) {
        const bool is_self = who.id == levels_.table().self() || who.at == address_.current();
        if (!is_self && who.at.address.is_v4() == is_v4_ && is_admissible(who.id, who.at)) {
            out.push_back(who);
        }
    }
    return out;
}

// Those that others name, without those that have not answered us lately.
std::vector<contact> node::worth_asking(const std::vector<contact>& nodes, time_point now) const
{
    std::vector<contact> out = usable(nodes);
    std::erase_if(out, [&](const contact& who) { return silent_.is_avoided(who.at, now); });
    return out;
}

bool node::ask(pending_query about, query_method method, time_point now)
{
    if (rpcs_.is_full()) {
        return false;
    }
    if (const contact* const known = levels_.table().find(about.to.id)) {
        about.to = *known;
    }
    const endpoint to = about.to.at;
    const std::optional<duration> wait = pace_.book(to, settings_.query_wait, now);
    if (!wait) {
        ++counted_.queries_skipped;
        return false;
    }
    message what;
    what.transaction = rpcs_.new_transaction(random_);
    auto& asked = what.body.emplace<query>();
    asked.sender = levels_.table().self();
    asked.network = network_;
    asked.scope = about.scope;
    asked.clusters = levels_.summaries(now);
    asked.read_only = is_read_only();
    asked.method = std::move(method);
    auto* const put = std::get_if<announce_query>(&asked.method);
    if (settings_.plain_krpc && put != nullptr && address_.current()) {
        put->port_ignored = address_.current()->port;
    }
    about.datagram = encode(what, settings_.padded_query_octets);
    send_datagram datagram{to, gate_.leave(direction::query, about.datagram, now)};
    if (*wait == duration{}) {
        outputs_.push_back(std::move(datagram));
    } else {
        delayed_.emplace(now + *wait, std::move(datagram));
    }
    ++counted_.queries_sent;
    reach_.sent_to(to, now);
    rpcs_.add(what.transaction, std::move(about), now + *wait);
    return true;
}

void node::send(const endpoint& to, const message& what, time_point now)
{
    reach_.sent_to(to, now);
    outputs_.push_back(send_datagram{to, gate_.leave(what, now)});
}

void node::send_delayed(time_point now)
{
    while (!delayed_.empty() && delayed_.begin()->first <= now) {
        outputs_.push_back(std::move(delayed_.begin()->second));
        delayed_.erase(delayed_.begin());
    }
}

void node::handle_timeout(time_point now)
{
    send_delayed(now);
    while (const auto expired = rpcs_.next_expiry(now)) {
        handle_expiry(*expired, now);
    }
    while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
        end_at_deadline(deadlines_.begin()->second, now);
    }
    wake_operations(now);
    renew_due_leases(now);
    if (joining_.due() && *joining_.due() <= now) {
        start_join(now);
    }
    if (now >= next_maintenance_) {
        maintain(now);
    }
    start_due_puts(now);
    refresh(now);
}

std::optional<output> node::poll_output()
{
    if (outputs_.empty()) {
        return std::nullopt;
    }
    output next = std::move(outputs_.front());
    outputs_.pop_front();
    if (const auto* datagram = std::get_if<send_datagram>(&next)) {
        ++counted_.datagrams_out;
        counted_.octets_out += datagram->octets.size();
    }
    return next;
}

std::optional<time_point> node::next_timeout() const
{
    std::optional<time_point> next = rpcs_.next_timeout();
    const auto consider_time = [&](const std::optional<time_point>& due) {
        if (due && (!next || *due < *next)) {
            next = due;
        }
    };
    if (!delayed_.empty()) {
        consider_time(delayed_.begin()->first);
    }
    if (!deadlines_.empty()) {
        consider_time(deadlines_.begin()->first);
    }
    if (!wakes_.empty()) {
        consider_time(wakes_.begin()->first);
    }
    consider_time(held_.next_timeout());
    consider_time(joining_.due());
    if (may_start_put()) {
        consider_time(announced_.next_timeout());
    }
    // A node that is alone and holds nothing sleeps.
    if (levels_.table().size() > 0 || levels_.values_stored() > 0) {
        consider_time(next_maintenance_);
    }
    return next;
}

duration node::expected_lookup_time() const
{
    const duration step = rpcs_.overall().smoothed().value_or(duration{});
    const double steps = std::max(1.0, std::log2(levels_.table().estimated_network_size()) / 2);
    return std::chrono::duration_cast<duration>(step * steps);
}

statistics node::snapshot() const
{
    statistics out = counted_;
    out.contacts = levels_.table().size();
    out.good_contacts = levels_.table().good_count();
    out.values_stored = levels_.values_stored();
    out.announcements = announced_.size() - (neighbourhood_ ? 1 : 0);
    out.operations = operations_.size();
    out.leases_granted = leases_.size();
    out.leases_held = held_.size();
    out.estimated_network_size = levels_.table().estimated_network_size();
    out.round_trip = std::chrono::duration_cast<std::chrono::microseconds>(
        rpcs_.overall().smoothed().value_or(duration{}));
    out.own = address_.current();
    out.is_v6 = !is_v4_;
    out.reached = is_read_only() ? reach::closed : reach_.verdict();
    for (level_number level = 1; level < levels_.count(); ++level) {
        out.levels.push_back(levels_.near(level).statistics_at(next_maintenance_));
    }
    return out;
}

void node::check_invariant() const
{
    levels_.check_invariant();
    leases_.check_invariant();
    BOOST_ASSERT(operations_.size() == deadlines_.size());
}

}  // namespace dht
