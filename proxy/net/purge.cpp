#include "proxy/net/purge.hpp"

#include "proxy/net/services.hpp"
#include "proxy/net/wall_clock.hpp"

namespace proxy {

awaitable<purge_counts> purge(services& shared, cache::purge_order order)
{
    const auto now = wall_now();
    shared.purges.add(order, now);
    purge_counts counts;
    counts.in_memory = shared.memory.purge(order, now);
    const result<std::uint64_t> on_disk = co_await shared.storage.purge(order, now);
    counts.disk_failed = !on_disk;
    counts.on_disk = on_disk ? *on_disk : 0;
    shared.flights.purge(order);
    co_return counts;
}

}  // namespace proxy
