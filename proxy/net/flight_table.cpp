#include "proxy/net/flight_table.hpp"

namespace proxy {

flight_table::seat flight_table::join_or_lead(const std::string& key, std::size_t hash)
{
    shard& part = shard_of(hash);
    const std::lock_guard lock{part.mutex};
    std::shared_ptr<flight>& place = part.flights[key];
    if (place) {
        return {place, false};
    }
    place = alone();
    return {place, true};
}

std::shared_ptr<flight> flight_table::find(const std::string& key, std::size_t hash) const
{
    const shard& part = shard_of(hash);
    const std::lock_guard lock{part.mutex};
    const auto found = part.flights.find(key);
    return found == part.flights.end() ? nullptr : found->second;
}

void flight_table::leave(
    const std::string& key, std::size_t hash, const std::shared_ptr<flight>& ended)
{
    shard& part = shard_of(hash);
    const std::lock_guard lock{part.mutex};
    const auto found = part.flights.find(key);
    if (found != part.flights.end() && found->second == ended) {
        part.flights.erase(found);
    }
}

void flight_table::purge(const cache::purge_order& order)
{
    const cache::field_section unknown;
    for (shard& part : shards_) {
        const std::lock_guard lock{part.mutex};
        std::erase_if(part.flights, [&](const auto& entry) {
            // A key begins with the URL.
            const std::string_view key = entry.first;
            const std::shared_ptr<const flight_head> head = entry.second->head();
            return cache::concerns(order,
                key.substr(0, key.find_first_of(" \n")),
                head ? head->response.fields : unknown);
        });
    }
}

std::size_t flight_table::size() const
{
    std::size_t total = 0;
    for (const shard& part : shards_) {
        const std::lock_guard lock{part.mutex};
        total += part.flights.size();
    }
    return total;
}

}  // namespace proxy
