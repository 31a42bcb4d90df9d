// What happened, counted: one set per worker, added up when somebody asks. Sans-I/O.

#pragma once

#include "proxy/core/exchange.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace proxy {

enum class counter : std::uint8_t
{
    // Requests of clients and octets of content to clients, by where the content came from.
    requests_none,  // refused, failed, or without content of anybody (304 from a stored response
                    // counts as its source)
    requests_memory,
    requests_disk,
    requests_peer,
    requests_origin,
    octets_none,
    octets_memory,
    octets_disk,
    octets_peer,
    octets_origin,
    collapsed,      // requests that waited for another one's fetch
    client_errors,  // answered 4xx by us
    proxy_errors,   // answered 5xx by us

    // To origins. Octets are those of the wire: heads and framing included.
    origin_requests_fill,        // for a response that may be stored
    origin_requests_revalidate,  // conditional
    origin_requests_pass,        // everything else
    origin_octets_fill,
    origin_octets_revalidate,
    origin_octets_pass,
    // Fetches from peers.
    peer_fetch_ok,
    peer_fetch_miss,
    peer_fetch_failed,
    peer_fetch_timeout,
    peer_fetch_octets,
    resumed,  // bodies continued from the origin after their source broke off
              // Requests of peers.
    peer_requests_hit,
    peer_requests_miss,
    peer_octets,
    // Lookups in the index.
    lookups_found,
    lookups_empty,
    lookups_timeout,
    // Past the cache.
    tunnels,
    tunnel_octets,
    // The store.
    stored,
    store_failures,
    count_of_counters,
};

inline constexpr std::size_t counter_count = static_cast<std::size_t>(counter::count_of_counters);

// Upper bounds in seconds; the last bucket has none. Those that OpenTelemetry gives for HTTP
// durations.
inline constexpr std::array<double, 14> duration_bounds{
    0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10};

// Written by one thread, read by any: relaxed atomics without a locked instruction.
class duration_histogram
{
public:
    void add(std::chrono::nanoseconds duration);
    std::uint64_t bucket(std::size_t index) const
    {
        return buckets_[index].load(std::memory_order_relaxed);
    }
    double sum_seconds() const
    {
        return static_cast<double>(sum_.load(std::memory_order_relaxed)) * 1e-9;
    }

    static constexpr std::size_t bucket_count = duration_bounds.size() + 1;

private:
    std::array<std::atomic<std::uint64_t>, bucket_count> buckets_{};
    std::atomic<std::uint64_t> sum_ = 0;  // nanoseconds
};

// As above: one writer, its worker.
class alignas(64) counters
{
public:
    void add(counter which, std::uint64_t amount = 1)
    {
        std::atomic<std::uint64_t>& value = values_[static_cast<std::size_t>(which)];
        value.store(value.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
    }
    std::uint64_t value(counter which) const
    {
        return values_[static_cast<std::size_t>(which)].load(std::memory_order_relaxed);
    }

    // A client's request is answered.
    void answered(
        fetch_source source, std::uint64_t content_octets, std::chrono::nanoseconds duration);

    duration_histogram request_duration;
    duration_histogram lookup_duration;

private:
    std::array<std::atomic<std::uint64_t>, counter_count> values_{};
};

}  // namespace proxy
