#include "proxy/admin/node_report.hpp"

#include <initializer_list>

namespace proxy {
namespace {

void add(histogram_totals& totals, const duration_histogram& histogram)
{
    for (std::size_t i = 0; i < totals.buckets.size(); ++i) {
        totals.buckets[i] += histogram.bucket(i);
    }
    totals.sum_seconds += histogram.sum_seconds();
}

std::uint64_t sum(const counter_totals& count, std::initializer_list<counter> parts)
{
    std::uint64_t total = 0;
    for (const counter part : parts) {
        total += count.value(part);
    }
    return total;
}

std::optional<double> one_minus(std::uint64_t part, std::uint64_t whole)
{
    if (whole == 0) {
        return std::nullopt;
    }
    return 1 - static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

counter_totals add_up(std::span<const counters* const> workers)
{
    counter_totals totals;
    for (const counters* worker : workers) {
        for (std::size_t i = 0; i < counter_count; ++i) {
            totals.values[i] += worker->value(static_cast<counter>(i));
        }
        add(totals.request_duration, worker->request_duration);
        add(totals.lookup_duration, worker->lookup_duration);
    }
    return totals;
}

std::uint64_t requests_of_clients(const counter_totals& count)
{
    return sum(count,
        {counter::requests_none,
            counter::requests_memory,
            counter::requests_disk,
            counter::requests_peer,
            counter::requests_origin});
}

std::uint64_t octets_to_clients(const counter_totals& count)
{
    return sum(count,
        {counter::octets_none,
            counter::octets_memory,
            counter::octets_disk,
            counter::octets_peer,
            counter::octets_origin});
}

std::uint64_t requests_to_origins(const counter_totals& count)
{
    return sum(count,
        {counter::origin_requests_fill,
            counter::origin_requests_revalidate,
            counter::origin_requests_pass});
}

std::uint64_t octets_from_origins(const counter_totals& count)
{
    return sum(count,
        {counter::origin_octets_fill,
            counter::origin_octets_revalidate,
            counter::origin_octets_pass});
}

std::optional<double> offload_of_octets(const counter_totals& count)
{
    return one_minus(octets_from_origins(count), octets_to_clients(count));
}

std::optional<double> offload_of_requests(const counter_totals& count)
{
    return one_minus(requests_to_origins(count), requests_of_clients(count));
}

}  // namespace proxy
