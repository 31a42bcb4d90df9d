// A peer in the middle of its life, for tests of the pages.

#pragma once

#include "proxy/admin/node_report.hpp"

namespace proxy {

inline host_port at(const char* address, std::uint16_t port)
{
    return {boost::asio::ip::make_address(address), port};
}

inline void set(counter_totals& count, counter which, std::uint64_t value)
{
    count.values[static_cast<std::size_t>(which)] = value;
}

inline node_report sample_report()
{
    node_report report;
    report.pseudonym = "atoll-1a2b3c4d";
    report.network = "lab";
    report.suffix = "atoll.localhost";
    report.started = std::chrono::system_clock::time_point{std::chrono::seconds{1'000'000'000}};
    report.uptime = std::chrono::milliseconds{61'999};
    report.client = at("127.0.0.1", 3128);
    report.peer = at("127.0.0.1", 4128);
    report.admin = at("127.0.0.1", 9128);
    report.store = {store_state::open, 4096, 1ULL << 30, 3, 17};
    report.memory = {1024, 1ULL << 20, 2, 5};
    report.index = index_report{};
    report.index->contacts.push_back(
        {at("127.0.0.1", 5000), "00ff", std::chrono::microseconds{1'250}, 4, 1});
    report.index->contacts.push_back({at("::1", 5001), "11ee", std::nullopt});
    report.index->values = 7;
    report.index->dropped = {{"malformed", 2}, {"over_rate", 0}};
    report.index->levels = {{2,
        false,
        std::chrono::milliseconds{20},
        "0a0b",
        4.5,
        std::chrono::seconds{90},
        3,
        2,
        1,
        5}};
    report.index->busy_keys = {{"cd", 120, true}, {"ef", 3, false}};
    set(report.count, counter::requests_memory, 6);
    set(report.count, counter::requests_origin, 2);
    set(report.count, counter::octets_memory, 6'000);
    set(report.count, counter::octets_origin, 2'000);
    set(report.count, counter::origin_requests_fill, 1);
    set(report.count, counter::origin_requests_revalidate, 1);
    set(report.count, counter::origin_octets_fill, 1'900);
    set(report.count, counter::origin_octets_revalidate, 100);
    return report;
}

}  // namespace proxy
