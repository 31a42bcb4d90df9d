#include "dht/core/responder.hpp"

#include <algorithm>
#include <utility>

namespace dht {
namespace {

// Nobody needs to be told of himself.
std::vector<contact> but_for(const endpoint& asker, std::vector<contact> nodes, std::size_t most)
{
    std::erase_if(nodes, [&](const contact& who) { return who.at == asker; });
    nodes.resize(std::min(nodes.size(), most));
    return nodes;
}

}  // namespace

responder::responder(const config& settings,
    levels& all_levels,
    lease_table& leases,
    token_mint& tokens,
    own_pointer own)
    : settings_(settings),
      levels_(all_levels),
      leases_(leases),
      tokens_(tokens),
      own_(std::move(own)),
      network_(tag_of(settings.network))
{
}

responder::answer responder::operator()(const received_query& received, time_point now)
{
    const auto& method = received.what.method;
    if (std::holds_alternative<ping_query>(method)) {
        response out = reply_to(received, now);
        if (out.sloppy) {
            out.sloppy->network = network_;
        }
        return out;
    }
    const bool is_known = !std::holds_alternative<unknown_query>(method);
    if (is_known && !levels_.is_ours(received.what.scope)) {
        return of_another_cluster(received, now);
    }
    if (const auto* find = std::get_if<find_node_query>(&method)) {
        return find_node(received, *find, now);
    }
    if (const auto* get = std::get_if<get_peers_query>(&method)) {
        return get_peers(received, *get, now);
    }
    if (const auto* put = std::get_if<announce_query>(&method)) {
        return announce(received, *put, now);
    }
    return error_reply{static_cast<int>(krpc_error::unknown_method)};
}

response responder::reply_to(const received_query& received, time_point now) const
{
    response out;
    out.sender = levels_.table().self();
    out.reported = received.from;
    if (received.what.network) {
        out.sloppy.emplace().clusters = levels_.summaries(now);
    }
    return out;
}

// The asker takes us for a member of a cluster that we have left. What our answer says of our
// clusters tells it better; nothing is stored.
responder::answer responder::of_another_cluster(const received_query& received, time_point now)
{
    response out = reply_to(received, now);
    if (std::holds_alternative<announce_query>(received.what.method) && out.sloppy) {
        out.sloppy->status = store_status::full;
    }
    return out;
}

// Who forges the source of a short query must not have a large answer sent there. Plain nodes know
// no padding.
bool responder::has_earned(const received_query& received) const
{
    return settings_.plain_krpc || received.octets >= settings_.padded_query_octets;
}

std::size_t responder::contacts_allowed(const received_query& received) const
{
    return has_earned(received) ? settings_.bucket_size : settings_.contacts_unpadded;
}

std::vector<contact> responder::closest(
    const received_query& received, level_number level, const node_id& target) const
{
    const std::size_t most = contacts_allowed(received);
    return but_for(received.from, levels_.table(level).closest(target, most + 1), most);
}

std::vector<contact> responder::towards(
    const received_query& received, level_number level, const node_id& key) const
{
    const std::size_t most = contacts_allowed(received);
    return but_for(received.from, levels_.table(level).towards(key, most + 1), most);
}

responder::answer responder::find_node(
    const received_query& received, const find_node_query& method, time_point now) const
{
    response out = reply_to(received, now);
    out.nodes = closest(received, received.what.scope.level, method.target);
    out.always_has_nodes = !out.sloppy;
    return out;
}

responder::answer responder::get_peers(
    const received_query& received, const get_peers_query& method, time_point now)
{
    return method.put_life ? probe(received, method, now) : get_values(received, method, now);
}

// Who holds nothing and knows nobody closer to the key in a cluster is the end of the search there:
// it answers as at the next wider level and spares the asker a second question.
level_number responder::level_of_answer(
    const received_query& received, const get_peers_query& method, time_point now) const
{
    level_number level = received.what.scope.level;
    const node_id& self = levels_.table().self();
    while (level > 0 && pointers(level, method.key, now).empty()) {
        const std::vector<contact> closest = levels_.table(level).closest(method.key, 1);
        if (!closest.empty() && is_closer(method.key, closest.front().id, self)) {
            break;
        }
        --level;
    }
    return level;
}

// What is stored here, and who holds the object is asked in vain by nobody: its own pointer is
// still on the way to other nodes for some round trips, or they have lost it.
std::vector<pointer> responder::pointers(
    level_number level, const node_id& key, time_point now) const
{
    std::vector<pointer> found = levels_.pointers(level, key, now);
    const std::optional<pointer> own = own_ ? own_(key, now) : std::nullopt;
    const bool is_new = own && std::none_of(found.begin(), found.end(), [&](const pointer& stored) {
        return stored.peer == own->peer;
    });
    if (is_new && found.size() < settings_.values_per_key) {
        found.push_back(*own);
    }
    return found;
}

responder::answer responder::get_values(
    const received_query& received, const get_peers_query& method, time_point now)
{
    response out = reply_to(received, now);
    const level_number level = level_of_answer(received, method, now);
    if (level != received.what.scope.level && out.sloppy) {
        out.sloppy->level = level;
    }
    out.token = tokens_.make(received.from, method.key, admission::ordinary, now);
    if (level > 0) {
        // Leases are a matter of the whole network: only one of all may ask the origin.
    } else if (out.sloppy && method.claim && !received.what.read_only &&
               is_proved(received, method.claim->token, method.key, now)) {
        out.sloppy->lease = claim(method.key, received.from, *method.claim, now);
    } else if (out.sloppy) {
        // Who finds a leader must be able to name his number if he is silent. Nobody could be sent
        // to a read-only node: it may follow and does not lead.
        out.sloppy->lease = leases_.find(method.key, received.from, now);
    }
    out.values = pointers(level, method.key, now);
    if (out.values.size() > settings_.values_unpadded && !has_earned(received)) {
        out.values.resize(settings_.values_unpadded);
    }
    const bool loaded = levels_.values(level).count_get(method.key, now);
    if (!out.sloppy) {
        make_plain(out, method.key, received);
        return out;
    }
    out.sloppy->loaded = loaded;
    // A get ends at the first node with values (Coral, section 4.3): contacts would be waste, and
    // the answer stays below one and a half times the question.
    if (out.values.empty()) {
        out.nodes = towards(received, level, method.key);
    }
    return out;
}

// As BEP 5 has it: contacts in any case, and no values but peers who have something to give.
void responder::make_plain(response& out, const node_id& key, const received_query& received) const
{
    out.nodes = closest(received, 0, key);
    out.always_has_nodes = true;
    std::erase_if(out.values,
        [](const pointer& value) { return value.state == pointer_state::not_shareable; });
}

// The source of a datagram can be forged, and a forged claim would keep all others away from a key
// for the life of a lease.
bool responder::is_proved(
    const received_query& received, const std::string& token, const node_id& key, time_point now)
{
    return received.is_authenticated || tokens_.check(token, received.from, key, now).has_value();
}

std::optional<lease_answer> responder::claim(
    const node_id& key, const endpoint& asker, const claim_terms& terms, time_point now)
{
    std::optional<lease_answer> before = leases_.find(key, asker, now);
    if (before && leases_.report(key, asker, terms.silent, now)) {
        levels_.values().withdraw(key, *before->holder);
    } else if (before) {
        return before;
    }
    // A pointer to the asker himself is old: he would not ask.
    const std::vector<pointer> held = pointers(0, key, now);
    const bool is_held = std::any_of(held.begin(), held.end(), [&](const pointer& value) {
        return value.peer != asker || value.state == pointer_state::not_shareable;
    });
    if (is_held) {
        return std::nullopt;
    }
    std::optional<lease_answer> granted = leases_.grant(key, asker, terms.life, now);
    if (granted) {
        pointer leader;
        leader.peer = asker;
        leader.state = pointer_state::in_flight;
        leader.life = granted->left;
        levels_.values().put(key, leader, admission::ordinary, now);
    }
    return granted;
}

responder::answer responder::probe(
    const received_query& received, const get_peers_query& method, time_point now)
{
    response out = reply_to(received, now);
    const level_number level = received.what.scope.level;
    const std::chrono::seconds life = std::min(*method.put_life, settings_.pointer_life);
    const value_store::condition found = levels_.values(level).count_put(method.key, life, now);
    const admission how = found.full && !found.loaded ? admission::leaked : admission::ordinary;
    out.token = tokens_.make(received.from, method.key, how, now);
    out.nodes = towards(received, level, method.key);
    if (out.sloppy) {
        out.sloppy->full = found.full;
        out.sloppy->loaded = found.loaded;
    }
    return out;
}

responder::answer responder::announce(
    const received_query& received, const announce_query& method, time_point now)
{
    // Sealed or not: a copy of a sealed datagram can come from another address.
    const std::optional<admission> how =
        tokens_.check(method.token, received.from, method.key, now);
    if (!how) {
        return error_reply{static_cast<int>(krpc_error::protocol)};
    }
    const pointer value = pointer_of(received, method);
    response out = reply_to(received, now);
    value_store& values = levels_.values(received.what.scope.level);
    if (method.put && method.put->lease != 0 && out.sloppy) {
        const bool goes_on = renew(method.key, value, *method.put, now);
        // Tokens live for minutes, fetches for hours.
        out.token = tokens_.make(received.from, method.key, admission::ordinary, now);
        out.sloppy->lease = leases_.find(method.key, value.peer, now).value_or(lease_answer{});
        out.sloppy->status = goes_on ? store_status::stored : store_status::full;
        return out;
    }
    if (method.put && !method.put->state) {
        values.withdraw(method.key, value.peer);
        return out;
    }
    const store_status status = values.put(method.key, value, *how, now);
    if (out.sloppy) {
        out.sloppy->status = status;
        out.sloppy->granted = value.life;
    }
    return out;
}

// The address is the one that proved the token: nobody announces somebody else.
pointer responder::pointer_of(const received_query& received, const announce_query& method) const
{
    pointer value;
    value.peer = {received.from.address, method.port == 0 ? received.from.port : method.port};
    value.life = settings_.pointer_life;
    if (method.put) {
        value.state = method.put->state.value_or(pointer_state::complete);
        const bool is_shareable = value.state != pointer_state::not_shareable;
        value.life = std::min(
            method.put->life, is_shareable ? settings_.pointer_life : settings_.not_shareable_life);
        value.load = method.put->load;
        value.version_tag = method.put->version_tag;
    }
    return value;
}

// In flight: the lease goes on. Any other state ends it. An old number changes nothing: its holder
// has been given up, and another may lead.
bool responder::renew(
    const node_id& key, const pointer& value, const put_terms& terms, time_point now)
{
    const bool goes_on = terms.state == pointer_state::in_flight;
    const bool is_holder =
        goes_on ? leases_.renew(key, value.peer, terms.lease, terms.received_octets, now)
                : leases_.end(key, value.peer, terms.lease, now);
    if (!is_holder) {
        return false;
    }
    if (!terms.state) {
        levels_.values().withdraw(key, value.peer);
        return true;
    }
    pointer known = value;
    known.life = goes_on ? std::min(value.life, settings_.lease_life) : value.life;
    levels_.values().put(key, known, admission::ordinary, now);
    return true;
}

}  // namespace dht
