#include "proxy/admin/status_json.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <array>
#include <string_view>

namespace proxy {
namespace {

namespace json = boost::json;

json::value or_null(const std::optional<double>& number)
{
    return number ? json::value(*number) : json::value(nullptr);
}

json::value or_null(const std::optional<host_port>& where)
{
    return where ? json::value(to_string(*where)) : json::value(nullptr);
}

std::string_view to_string(store_state state)
{
    switch (state) {
    case store_state::opening: return "opening";
    case store_state::open: return "open";
    case store_state::failing: return "failing";
    }
    return "";
}

struct by_source
{
    std::string_view source;
    counter requests;
    counter octets;
};

constexpr std::array<by_source, 5> sources{{
    {"memory", counter::requests_memory, counter::octets_memory},
    {"disk", counter::requests_disk, counter::octets_disk},
    {"peer", counter::requests_peer, counter::octets_peer},
    {"origin", counter::requests_origin, counter::octets_origin},
    {"none", counter::requests_none, counter::octets_none},
}};

json::object addresses(const node_report& report)
{
    json::object out;
    out["client"] = to_string(report.client);
    out["peer"] = to_string(report.peer);
    out["peer6"] = or_null(report.peer6);
    out["admin"] = to_string(report.admin);
    out["advertised"] = or_null(report.advertised);
    out["advertised6"] = or_null(report.advertised6);
    return out;
}

json::object contact(const contact_report& known)
{
    json::object out;
    out["address"] = to_string(known.endpoint);
    out["id"] = known.id;
    std::optional<double> milliseconds;
    if (known.round_trip) {
        milliseconds = std::chrono::duration<double, std::milli>(*known.round_trip).count();
    }
    out["round_trip_ms"] = or_null(milliseconds);
    out["shared_bits"] = known.shared_bits;
    out["failures"] = known.failures;
    return out;
}

json::object peers(const std::optional<index_report>& report)
{
    json::array contacts;
    if (report) {
        for (const contact_report& known : report->contacts) {
            contacts.push_back(contact(known));
        }
    }
    json::object out;
    out["enabled"] = report.has_value();
    out["known"] = contacts.size();
    out["contacts"] = std::move(contacts);
    return out;
}

json::object level(const level_report& known)
{
    json::object out;
    out["level"] = known.level;
    out["ipv6"] = known.is_v6;
    out["bound_ms"] = known.bound.count();
    out["cluster"] = known.cluster;
    out["size"] = known.size;
    out["age_seconds"] = known.age.count();
    out["members"] = known.members;
    out["members_near"] = known.members_near;
    out["values"] = known.values;
    out["moves"] = known.moves;
    return out;
}

json::value index(const std::optional<index_report>& report)
{
    if (!report) {
        return nullptr;
    }
    json::object out;
    out["values"] = report->values;
    out["announcements"] = report->announcements;
    out["network_size"] = report->network_size;
    out["datagrams_in"] = report->datagrams_in;
    out["datagrams_out"] = report->datagrams_out;
    out["queries_sent"] = report->queries_sent;
    out["queries_skipped"] = report->queries_skipped;
    json::array addresses;
    for (const auto& [address, reached] : report->addresses) {
        addresses.push_back({{"address", address}, {"reached", reached}});
    }
    out["addresses"] = std::move(addresses);
    json::object dropped;
    for (const auto& [reason, count] : report->dropped) {
        dropped[reason] = count;
    }
    out["dropped"] = std::move(dropped);
    json::array levels;
    for (const level_report& known : report->levels) {
        levels.push_back(level(known));
    }
    out["levels"] = std::move(levels);
    json::array busy;
    for (const key_load_report& one : report->busy_keys) {
        busy.push_back({{"key", one.key}, {"requests", one.requests}, {"root", one.is_root}});
    }
    out["busy_keys"] = std::move(busy);
    return out;
}

json::object store(const store_report& report)
{
    json::object out;
    out["state"] = to_string(report.state);
    out["bytes"] = report.octets;
    out["limit_bytes"] = report.limit_octets;
    out["objects"] = report.objects;
    out["evicted_bytes"] = report.evicted_octets;
    return out;
}

json::object memory(const memory_report& report)
{
    json::object out;
    out["bytes"] = report.octets;
    out["limit_bytes"] = report.limit_octets;
    out["objects"] = report.objects;
    return out;
}

void add_traffic(json::object& out, const counter_totals& count)
{
    json::object requests;
    json::object octets;
    for (const by_source& row : sources) {
        requests[row.source] = count.value(row.requests);
        octets[row.source] = count.value(row.octets);
    }
    requests["total"] = requests_of_clients(count);
    octets["total"] = octets_to_clients(count);
    out["requests"] = std::move(requests);
    out["bytes_to_client"] = std::move(octets);
    out["origin"] = {
        {"requests", requests_to_origins(count)}, {"bytes", octets_from_origins(count)}};
    out["peers_served"] = {{"requests", count.value(counter::peer_requests_hit)},
        {"misses", count.value(counter::peer_requests_miss)},
        {"bytes", count.value(counter::peer_octets)}};
    out["tunnels"] = {
        {"opened", count.value(counter::tunnels)}, {"bytes", count.value(counter::tunnel_octets)}};
    out["coalesced_requests"] = count.value(counter::collapsed);
    out["offload"] = {{"bytes", or_null(offload_of_octets(count))},
        {"requests", or_null(offload_of_requests(count))}};
}

}  // namespace

std::string status_json(const node_report& report)
{
    json::object out;
    out["version"] = ATOLL_VERSION;
    out["pseudonym"] = report.pseudonym;
    out["network"] = report.network;
    out["uptime_seconds"] = std::chrono::duration_cast<std::chrono::seconds>(report.uptime).count();
    out["ready"] = report.ready();
    out["draining"] = report.draining;
    out["addresses"] = addresses(report);
    out["client_connections"] = report.client_connections;
    out["peers"] = peers(report.index);
    out["index"] = index(report.index);
    out["store"] = store(report.store);
    out["memory"] = memory(report.memory);
    add_traffic(out, report.count);
    return json::serialize(out) + "\n";
}

}  // namespace proxy
