#include "proxy/look.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace proxy {
namespace {

contact_report look_at(const dht::contact& known, const std::vector<dht::statistics>& tables)
{
    contact_report one;
    one.endpoint = {known.at.address, known.at.port};
    one.id = dht::to_string(known.id);
    one.failures = known.failures;
    if (const auto round_trip = known.rtt.smoothed()) {
        one.round_trip = std::chrono::duration_cast<std::chrono::microseconds>(*round_trip);
    }
    for (const dht::statistics& table : tables) {
        if (table.own && table.own->address.is_v4() == known.at.address.is_v4()) {
            one.shared_bits = dht::common_prefix(known.id, dht::id_of(*table.own));
        }
    }
    return one;
}

level_report look_at(const dht::level_statistics& one, bool is_v6)
{
    return {one.level,
        is_v6,
        one.bound,
        fmt::format("{:02x}", fmt::join(one.cluster.id, "")),
        one.cluster.size,
        one.cluster.age,
        one.members,
        one.members_near,
        one.values,
        one.moves};
}

// What the table of one family adds to the whole. An object is announced in both.
void add(index_report& report, const dht::statistics& table)
{
    for (const dht::level_statistics& one : table.levels) {
        report.levels.push_back(look_at(one, table.is_v6));
    }
    for (const dht::key_load& one : table.busy_keys) {
        report.busy_keys.push_back({dht::to_string(one.key), one.requests, one.is_root});
    }
    report.values += table.values_stored;
    report.announcements = std::max<std::uint64_t>(report.announcements, table.announcements);
    report.network_size = std::max(report.network_size, table.estimated_network_size);
    report.datagrams_in += table.datagrams_in;
    report.datagrams_out += table.datagrams_out;
    report.octets_in += table.octets_in;
    report.octets_out += table.octets_out;
    report.queries_sent += table.queries_sent;
    report.queries_skipped += table.queries_skipped;
    if (table.own) {
        report.addresses.emplace_back(dht::to_string(*table.own), to_string(table.reached));
    }
    for (std::size_t i = 0; i < dht::drop_reason_count; ++i) {
        report.dropped[i].second += table.dropped[i];
    }
}

}  // namespace

store_report look_at(const storage_pool& storage, store_state state, std::uint64_t limit_octets)
{
    const cache::store_usage usage = storage.usage();
    store_report report;
    report.state = state == store_state::open && usage.failing ? store_state::failing : state;
    report.octets = usage.octets;
    // Less than was asked for where the disk is smaller; zero until the store is open.
    report.limit_octets = usage.limit_octets != 0 ? usage.limit_octets : limit_octets;
    report.objects = usage.objects;
    report.evicted_octets = usage.evicted_octets;
    return report;
}

memory_report look_at(const cache::memory_tier& memory)
{
    const cache::memory_usage usage = memory.usage();
    return {usage.octets, usage.limit_octets, usage.objects, usage.evictions};
}

index_report look_at(const dht::udp_transport& transport)
{
    const std::vector<dht::statistics> tables = transport.snapshots();
    index_report report;
    for (const dht::contact& known : transport.contacts()) {
        report.contacts.push_back(look_at(known, tables));
    }
    for (std::size_t i = 0; i < dht::drop_reason_count; ++i) {
        report.dropped.emplace_back(to_string(static_cast<dht::drop_reason>(i)), 0);
    }
    for (const dht::statistics& table : tables) {
        add(report, table);
    }
    std::stable_sort(report.busy_keys.begin(),
        report.busy_keys.end(),
        [](const auto& left, const auto& right) { return left.requests > right.requests; });
    return report;
}

std::optional<std::string> complaint_of_buffer(const dht::udp_transport& transport)
{
    const std::size_t wanted = dht::udp_transport::wanted_buffer_octets;
    const std::size_t granted = transport.receive_buffer_octets();
    if (granted >= wanted / 2) {
        return std::nullopt;
    }
    return fmt::format(
        "the UDP receive buffer has {} KiB, not {}: bursts of queries are lost (dropped as "
        "not_read); sysctl net.core.rmem_max={} allows it",
        granted >> 10,
        wanted >> 10,
        wanted);
}

}  // namespace proxy
