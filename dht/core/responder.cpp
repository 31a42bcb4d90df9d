#include "dht/core/responder.hpp"

#include <algorithm>

namespace dht {

responder::responder(
    const config& settings, const routing_table& table, value_store& values, token_mint& tokens)
    : settings_(settings),
      table_(table),
      values_(values),
      tokens_(tokens),
      network_(tag_of(settings.network))
{
}

responder::answer responder::operator()(const received_query& received, time_point now)
{
    const auto& method = received.what.method;
    if (std::holds_alternative<ping_query>(method)) {
        response out = reply_to(received);
        if (out.sloppy) {
            out.sloppy->network = network_;
        }
        return out;
    }
    if (const auto* find = std::get_if<find_node_query>(&method)) {
        return find_node(received, *find);
    }
    if (const auto* get = std::get_if<get_peers_query>(&method)) {
        return get_peers(received, *get, now);
    }
    if (const auto* put = std::get_if<announce_query>(&method)) {
        return announce(received, *put, now);
    }
    return error_reply{static_cast<int>(krpc_error::unknown_method)};
}

response responder::reply_to(const received_query& received) const
{
    response out;
    out.sender = table_.self();
    out.reported = received.from;
    if (received.what.network) {
        out.sloppy.emplace();
    }
    return out;
}

// Who forges the source of a short query must not have a large answer sent there. Plain nodes know
// no padding.
std::size_t responder::contacts_allowed(const received_query& received) const
{
    const bool earned = settings_.plain_krpc || received.octets >= settings_.padded_query_octets;
    return earned ? settings_.bucket_size : settings_.contacts_unpadded;
}

responder::answer responder::find_node(
    const received_query& received, const find_node_query& method) const
{
    response out = reply_to(received);
    out.nodes = table_.closest(method.target, contacts_allowed(received));
    return out;
}

responder::answer responder::get_peers(
    const received_query& received, const get_peers_query& method, time_point now)
{
    return method.put_life ? probe(received, method, now) : get_values(received, method, now);
}

responder::answer responder::get_values(
    const received_query& received, const get_peers_query& method, time_point now)
{
    response out = reply_to(received);
    out.token = tokens_.make(received.from, method.key, admission::ordinary, now);
    out.values = values_.values(method.key, now);
    const bool loaded = values_.count_get(method.key, now);
    if (!out.sloppy) {
        out.nodes = table_.closest(method.key, contacts_allowed(received));  // BEP 5
        return out;
    }
    out.sloppy->loaded = loaded;
    // A get ends at the first node with values (Coral, section 4.3): contacts would be waste, and
    // the answer stays below one and a half times the question.
    if (out.values.empty()) {
        out.nodes = table_.towards(method.key, contacts_allowed(received));
    }
    return out;
}

responder::answer responder::probe(
    const received_query& received, const get_peers_query& method, time_point now)
{
    response out = reply_to(received);
    const std::chrono::seconds life = std::min(*method.put_life, settings_.pointer_life);
    const value_store::condition found = values_.count_put(method.key, life, now);
    const admission how = found.full && !found.loaded ? admission::leaked : admission::ordinary;
    out.token = tokens_.make(received.from, method.key, how, now);
    out.nodes = table_.towards(method.key, contacts_allowed(received));
    if (out.sloppy) {
        out.sloppy->full = found.full;
        out.sloppy->loaded = found.loaded;
    }
    return out;
}

responder::answer responder::announce(
    const received_query& received, const announce_query& method, time_point now)
{
    const std::optional<admission> how =
        tokens_.check(method.token, received.from, method.key, now);
    if (!how) {
        return error_reply{static_cast<int>(krpc_error::protocol)};
    }
    // The address is the one that proved the token: nobody announces somebody else.
    pointer value;
    value.peer = {received.from.address, method.port == 0 ? received.from.port : method.port};
    value.life = settings_.pointer_life;
    response out = reply_to(received);
    if (method.put) {
        if (!method.put->state) {
            values_.withdraw(method.key, value.peer);
            return out;
        }
        value.state = *method.put->state;
        value.life = std::min(method.put->life, settings_.pointer_life);
        value.load = method.put->load;
        value.version_tag = method.put->version_tag;
    }
    const store_status status = values_.put(method.key, value, *how, now);
    if (out.sloppy) {
        out.sloppy->status = status;
        out.sloppy->granted = value.life;
    }
    return out;
}

}  // namespace dht
