#include "proxy/core/counters.hpp"

#include <algorithm>

namespace proxy {
namespace {

void add_relaxed(std::atomic<std::uint64_t>& value, std::uint64_t amount)
{
    value.store(value.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
}

counter with_source(counter first, fetch_source source)
{
    return static_cast<counter>(
        static_cast<std::uint8_t>(first) + static_cast<std::uint8_t>(source));
}

}  // namespace

void duration_histogram::add(std::chrono::nanoseconds duration)
{
    const double seconds = static_cast<double>(duration.count()) * 1e-9;
    const auto bound = std::lower_bound(duration_bounds.begin(), duration_bounds.end(), seconds);
    add_relaxed(buckets_[static_cast<std::size_t>(bound - duration_bounds.begin())], 1);
    add_relaxed(sum_, static_cast<std::uint64_t>(std::max<std::int64_t>(duration.count(), 0)));
}

void counters::answered(
    fetch_source source, std::uint64_t content_octets, std::chrono::nanoseconds duration)
{
    add(with_source(counter::requests_none, source));
    add(with_source(counter::octets_none, source), content_octets);
    request_duration.add(duration);
}

}  // namespace proxy
