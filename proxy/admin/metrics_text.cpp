#include "proxy/admin/metrics_text.hpp"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <array>
#include <limits>
#include <string_view>
#include <utility>
#include <vector>

namespace proxy {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using families = std::vector<MetricFamily>;
using labels = std::vector<ClientMetric::Label>;

// One time series. Rows of a family stand together; its help stands at the first.
struct counter_row
{
    counter which;
    std::string_view family;
    std::string_view label;
    std::string_view value;
    std::string_view help;
};

constexpr std::array<counter_row, 35> counter_rows{{
    {counter::requests_memory,
        "atoll_requests_total",
        "source",
        "memory",
        "Requests of clients, by where the content came from."},
    {counter::requests_disk, "atoll_requests_total", "source", "disk", ""},
    {counter::requests_peer, "atoll_requests_total", "source", "peer", ""},
    {counter::requests_origin, "atoll_requests_total", "source", "origin", ""},
    {counter::requests_none, "atoll_requests_total", "source", "none", ""},
    {counter::octets_memory,
        "atoll_bytes_total",
        "source",
        "memory",
        "Bytes of content to clients, by where they came from."},
    {counter::octets_disk, "atoll_bytes_total", "source", "disk", ""},
    {counter::octets_peer, "atoll_bytes_total", "source", "peer", ""},
    {counter::octets_origin, "atoll_bytes_total", "source", "origin", ""},
    {counter::octets_none, "atoll_bytes_total", "source", "none", ""},
    {counter::collapsed,
        "atoll_coalesced_requests_total",
        "scope",
        "node",
        "Requests that waited for the fetch of another one."},
    {counter::client_errors,
        "atoll_error_responses_total",
        "class",
        "4xx",
        "Errors that this node answered with, not those of origins."},
    {counter::proxy_errors, "atoll_error_responses_total", "class", "5xx", ""},
    {counter::origin_requests_fill,
        "atoll_upstream_requests_total",
        "purpose",
        "fill",
        "Requests to origins."},
    {counter::origin_requests_revalidate,
        "atoll_upstream_requests_total",
        "purpose",
        "revalidate",
        ""},
    {counter::origin_requests_pass, "atoll_upstream_requests_total", "purpose", "pass", ""},
    {counter::origin_octets_fill,
        "atoll_upstream_bytes_total",
        "purpose",
        "fill",
        "Bytes from origins, heads and framing included."},
    {counter::origin_octets_revalidate, "atoll_upstream_bytes_total", "purpose", "revalidate", ""},
    {counter::origin_octets_pass, "atoll_upstream_bytes_total", "purpose", "pass", ""},
    {counter::peer_fetch_ok,
        "atoll_peer_fetch_total",
        "outcome",
        "ok",
        "Fetches from peers that the index had named."},
    {counter::peer_fetch_miss, "atoll_peer_fetch_total", "outcome", "miss", ""},
    {counter::peer_fetch_failed, "atoll_peer_fetch_total", "outcome", "failed", ""},
    {counter::peer_fetch_timeout, "atoll_peer_fetch_total", "outcome", "timeout", ""},
    {counter::peer_fetch_octets, "atoll_bytes_from_peers_total", "", "", "Bytes from peers."},
    {counter::resumed,
        "atoll_resumed_bodies_total",
        "",
        "",
        "Bodies continued from the origin after their source broke off."},
    {counter::peer_requests_hit,
        "atoll_peer_requests_total",
        "result",
        "hit",
        "Requests of peers."},
    {counter::peer_requests_miss, "atoll_peer_requests_total", "result", "miss", ""},
    {counter::peer_octets, "atoll_bytes_to_peers_total", "", "", "Bytes of content to peers."},
    {counter::lookups_found,
        "atoll_lookups_total",
        "outcome",
        "found",
        "Lookups in the index for a missing response."},
    {counter::lookups_empty, "atoll_lookups_total", "outcome", "empty", ""},
    {counter::lookups_timeout, "atoll_lookups_total", "outcome", "timeout", ""},
    {counter::tunnels, "atoll_tunnels_total", "", "", "CONNECT tunnels, which pass the cache by."},
    {counter::tunnel_octets, "atoll_tunnel_bytes_total", "", "", "Bytes through tunnels."},
    {counter::stored, "atoll_stored_total", "", "", "Responses committed to the store."},
    {counter::store_failures, "atoll_store_failures_total", "", "", "Writes that it refused."},
}};

static_assert(counter_rows.size() == counter_count, "every counter is shown");

MetricFamily& family(families& out, std::string_view name, std::string_view help, MetricType type)
{
    if (out.empty() || out.back().name != name) {
        out.push_back({std::string{name}, std::string{help}, type, {}});
    }
    return out.back();
}

void add_counter(
    families& out, std::string_view name, std::string_view help, double value, labels labelled = {})
{
    ClientMetric metric;
    metric.label = std::move(labelled);
    metric.counter.value = value;
    family(out, name, help, MetricType::Counter).metric.push_back(std::move(metric));
}

void add_gauge(
    families& out, std::string_view name, std::string_view help, double value, labels labelled = {})
{
    ClientMetric metric;
    metric.label = std::move(labelled);
    metric.gauge.value = value;
    family(out, name, help, MetricType::Gauge).metric.push_back(std::move(metric));
}

// The format knows only this: exact up to 2^53.
double number(std::uint64_t count)
{
    return static_cast<double>(count);
}

void add_counters(families& out, const counter_totals& count)
{
    for (const counter_row& row : counter_rows) {
        labels labelled;
        if (row.family == "atoll_bytes_total") {
            labelled.push_back({"direction", "to_client"});
        }
        if (!row.label.empty()) {
            labelled.push_back({std::string{row.label}, std::string{row.value}});
        }
        add_counter(out, row.family, row.help, number(count.value(row.which)), std::move(labelled));
    }
}

void add_histogram(
    families& out, std::string_view name, std::string_view help, const histogram_totals& totals)
{
    ClientMetric metric;
    std::uint64_t cumulated = 0;
    for (std::size_t i = 0; i < totals.buckets.size(); ++i) {
        cumulated += totals.buckets[i];
        const bool last = i == duration_bounds.size();
        const double bound = last ? std::numeric_limits<double>::infinity() : duration_bounds[i];
        metric.histogram.bucket.push_back({cumulated, bound});
    }
    metric.histogram.sample_count = cumulated;
    metric.histogram.sample_sum = totals.sum_seconds;
    family(out, name, help, MetricType::Histogram).metric.push_back(std::move(metric));
}

void add_tiers(families& out, const store_report& store, const memory_report& memory)
{
    add_gauge(out,
        "atoll_store_open",
        "1 if the disk tier is in use, 0 while it opens or fails.",
        store.state == store_state::open ? 1 : 0);
    add_gauge(out, "atoll_store_bytes", "Bytes on disk.", number(store.octets));
    add_gauge(out, "atoll_store_limit_bytes", "The quota.", number(store.limit_octets));
    add_gauge(out, "atoll_store_objects", "Responses on disk, estimated.", number(store.objects));
    add_counter(out,
        "atoll_evicted_bytes_total",
        "Bytes evicted from the disk tier.",
        number(store.evicted_octets),
        {{"reason", "quota"}});
    add_gauge(out, "atoll_memory_bytes", "Bytes in the memory tier.", number(memory.octets));
    add_gauge(out, "atoll_memory_limit_bytes", "Its limit.", number(memory.limit_octets));
    add_gauge(out, "atoll_memory_objects", "Responses in memory.", number(memory.objects));
    add_counter(out,
        "atoll_memory_evictions_total",
        "Responses evicted from memory.",
        number(memory.evictions));
}

void add_index(families& out, const index_report& index)
{
    add_gauge(out,
        "atoll_routing_table_size",
        "Contacts in the routing table.",
        number(index.contacts.size()));
    add_gauge(out, "atoll_index_values", "Pointers kept for others.", number(index.values));
    add_gauge(out,
        "atoll_announcements",
        "Objects that this node announces.",
        number(index.announcements));
    add_gauge(out, "atoll_network_size", "Nodes in the network, estimated.", index.network_size);
    for (const level_report& one : index.levels) {
        add_gauge(out,
            "atoll_cluster_size",
            "Nodes in this node's cluster of a level, estimated.",
            one.size,
            {{"level", std::to_string(one.level)}});
    }
    if (!index.busy_keys.empty()) {
        add_gauge(out,
            "atoll_index_busiest_key_requests",
            "Requests for the key that others asked about most, in the last whole minute.",
            number(index.busy_keys.front().requests));
    }
    const std::string_view datagrams = "atoll_index_datagrams_total";
    const std::string_view octets = "atoll_index_bytes_total";
    add_counter(out, datagrams, "Datagrams.", number(index.datagrams_in), {{"direction", "in"}});
    add_counter(out, datagrams, "", number(index.datagrams_out), {{"direction", "out"}});
    add_counter(out, octets, "Bytes of datagrams.", number(index.octets_in), {{"direction", "in"}});
    add_counter(out, octets, "", number(index.octets_out), {{"direction", "out"}});
    add_counter(out,
        "atoll_index_queries_total",
        "Queries sent to other nodes.",
        number(index.queries_sent));
    add_counter(out,
        "atoll_index_queries_skipped_total",
        "Queries not sent, because one node would have been sent too many.",
        number(index.queries_skipped));
    for (const auto& [reason, count] : index.dropped) {
        add_counter(out,
            "atoll_index_dropped_total",
            "Datagrams not used.",
            number(count),
            {{"reason", std::string{reason}}});
    }
}

void add_process(families& out, const node_report& report)
{
    add_gauge(
        out, "atoll_build_info", "1; the version is a label.", 1, {{"version", ATOLL_VERSION}});
    add_gauge(out,
        "process_start_time_seconds",
        "Since the Unix epoch.",
        std::chrono::duration<double>(report.started.time_since_epoch()).count());
    add_gauge(out, "atoll_ready", "1 if /readyz says so.", report.ready() ? 1 : 0);
    add_gauge(out,
        "atoll_client_connections",
        "Connections of clients.",
        number(report.client_connections));
    add_counter(out,
        "atoll_access_log_dropped_total",
        "Lines lost because they were not taken fast enough.",
        number(report.dropped_log_lines));
}

}  // namespace

std::string metrics_text(const node_report& report)
{
    families all;
    add_counters(all, report.count);
    add_histogram(all,
        "http_server_request_duration_seconds",
        "From the head of a client's request to the end of the answer.",
        report.count.request_duration);
    add_histogram(all,
        "atoll_lookup_duration_seconds",
        "Lookups in the index.",
        report.count.lookup_duration);
    add_tiers(all, report.store, report.memory);
    if (report.index) {
        add_index(all, *report.index);
    }
    add_process(all, report);
    return prometheus::TextSerializer{}.Serialize(all);
}

}  // namespace proxy
