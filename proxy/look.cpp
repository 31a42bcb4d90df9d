#include "proxy/look.hpp"

#include "proxy/admin/lookup_json.hpp"

#include <fmt/format.h>

#include <utility>

namespace proxy {
namespace {

constexpr std::chrono::seconds page_budget{3};

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
    const dht::statistics numbers = transport.snapshot();
    index_report report;
    for (const dht::contact& contact : transport.contacts()) {
        contact_report one;
        one.endpoint = {contact.at.address, contact.at.port};
        one.id = dht::to_string(contact.id);
        one.failures = contact.failures;
        if (numbers.own) {
            one.shared_bits = dht::common_prefix(contact.id, dht::id_of(*numbers.own));
        }
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
    for (const dht::key_load& one : numbers.busy_keys) {
        report.busy_keys.push_back({dht::to_string(one.key), one.requests, one.is_root});
    }
    report.values = numbers.values_stored;
    report.announcements = numbers.announcements;
    report.network_size = numbers.estimated_network_size;
    report.datagrams_in = numbers.datagrams_in;
    report.datagrams_out = numbers.datagrams_out;
    report.octets_in = numbers.octets_in;
    report.octets_out = numbers.octets_out;
    report.queries_sent = numbers.queries_sent;
    report.queries_skipped = numbers.queries_skipped;
    report.address = numbers.own ? dht::to_string(*numbers.own) : "";
    report.reached = to_string(numbers.reached);
    for (std::size_t i = 0; i < dht::drop_reason_count; ++i) {
        const auto why = static_cast<dht::drop_reason>(i);
        report.dropped.emplace_back(to_string(why), numbers.drops(why));
    }
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

awaitable<plain_response> answer_lookup(
    lookup_question question, index* where, const target_rules& rules)
{
    if (where == nullptr) {
        co_return refused_lookup(503, "this peer has no index (--no-peers)");
    }
    std::optional<dht::node_id> key = dht::parse_node_id(question.key);
    if (!question.url.empty()) {
        const auto cached_as = key_of_url(question.url, rules);
        key = cached_as ? std::optional{where->index_key(*cached_as)} : std::nullopt;
    }
    if (!key) {
        co_return refused_lookup(
            400, "expected ?url= with an http or https URL, or ?key= with 40 hexadecimal digits");
    }
    awaitable<dht::get_result> running = where->trace(*key, page_budget);
    const dht::get_result found = co_await std::move(running);
    plain_response page;
    page.content_type = "application/json";
    page.body = lookup_json(question.url, *key, found);
    co_return page;
}

}  // namespace proxy
