#include "proxy/look.hpp"

#include <fmt/format.h>

#include <utility>

namespace proxy {

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
    const dht::statistics numbers = transport.snapshot();
    index_report report;
    for (const dht::contact& contact : transport.contacts()) {
        contact_report one;
        one.endpoint = {contact.at.address, contact.at.port};
        one.id = dht::to_string(contact.id);
        if (const auto round_trip = contact.rtt.smoothed()) {
            one.round_trip = std::chrono::duration_cast<std::chrono::microseconds>(*round_trip);
        }
        report.contacts.push_back(std::move(one));
    }
    for (const dht::level_statistics& one : numbers.levels) {
        report.levels.push_back({one.level,
            one.bound,
            fmt::format("{:02x}", fmt::join(one.cluster.id, "")),
            one.cluster.size,
            one.cluster.age,
            one.members,
            one.members_near,
            one.values,
            one.moves});
    }
    report.values = numbers.values_stored;
    report.announcements = numbers.announcements;
    report.network_size = numbers.estimated_network_size;
    report.datagrams_in = numbers.datagrams_in;
    report.datagrams_out = numbers.datagrams_out;
    report.octets_in = numbers.octets_in;
    report.octets_out = numbers.octets_out;
    for (std::size_t i = 0; i < dht::drop_reason_count; ++i) {
        const auto why = static_cast<dht::drop_reason>(i);
        report.dropped.emplace_back(to_string(why), numbers.drops(why));
    }
    return report;
}

}  // namespace proxy
