#include "proxy/admin/lookup_json.hpp"

#include "proxy/http1/parser.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <fmt/format.h>

#include <chrono>

namespace proxy {
namespace {

namespace json = boost::json;

double milliseconds(dht::duration span)
{
    return std::chrono::duration<double, std::milli>(span).count();
}

std::string_view name_of(dht::pointer_state state)
{
    switch (state) {
    case dht::pointer_state::complete: return "complete";
    case dht::pointer_state::in_flight: return "in_flight";
    case dht::pointer_state::not_shareable: return "not_shareable";
    }
    return "unknown";
}

json::object step(const dht::trace_step& taken)
{
    json::object out;
    out["node"] = dht::to_string(taken.id);
    out["address"] = dht::to_string(taken.at);
    out["shared_bits"] = taken.shared_bits;
    out["level"] = taken.level;
    out["begun_ms"] = milliseconds(taken.begun);
    out["round_trip_ms"] =
        taken.round_trip ? json::value(milliseconds(*taken.round_trip)) : nullptr;
    out["outcome"] = dht::to_string(taken.outcome);
    out["pointers"] = taken.pointers;
    out["nodes"] = taken.nodes;
    out["full"] = taken.is_full;
    out["loaded"] = taken.is_loaded;
    return out;
}

json::object pointer(const dht::pointer& found)
{
    json::object out;
    out["address"] = dht::to_string(found.peer);
    out["state"] = name_of(found.state);
    out["life_seconds"] = found.life.count();
    out["load"] = found.load;
    out["version"] = fmt::format("{:016x}", found.version_tag);
    return out;
}

}  // namespace

std::optional<cache::cache_key> key_of_url(std::string_view url, const target_rules& rules)
{
    const std::string text = fmt::format("GET {} HTTP/1.1\r\nHost: localhost\r\n\r\n", url);
    http1::request_parser parser;
    http1::request_head head;
    const auto octets = parser.parse(text, head);
    // More than one head: the URL has a line end in it.
    if (!octets || *octets != text.size() || head.form != http1::target_form::absolute) {
        return std::nullopt;
    }
    const auto found = resolve_target(head, rules);
    if (!found || found->scheme.empty()) {
        return std::nullopt;
    }
    return cache::cache_key{found->scheme, found->host, found->port, found->path_and_query};
}

std::string lookup_json(
    std::string_view url, const dht::node_id& key, const dht::get_result& result)
{
    json::object out;
    out["key"] = dht::to_string(key);
    out["url"] = url.empty() ? json::value(nullptr) : json::value(json::string(url));
    out["timed_out"] = result.timed_out;
    out["hops"] = result.hops;
    out["queries"] = result.queries;
    json::array steps;
    for (const dht::trace_step& taken : result.trace) {
        steps.push_back(step(taken));
    }
    out["steps"] = std::move(steps);
    json::array pointers;
    for (const dht::pointer& found : result.pointers) {
        pointers.push_back(pointer(found));
    }
    out["pointers"] = std::move(pointers);
    return json::serialize(out) + "\n";
}

plain_response json_error(unsigned status, std::string_view why)
{
    json::object out;
    out["error"] = json::string(why);
    return {status, "application/json", json::serialize(out) + "\n", ""};
}

}  // namespace proxy
