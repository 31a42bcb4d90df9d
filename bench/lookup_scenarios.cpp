#include "bench/lookup_scenarios.hpp"

#include "bench/memory.hpp"
#include "tests/sim/reef.hpp"
#include "tests/sim/world/churn.hpp"
#include "tests/sim/world/hostile.hpp"

#include <algorithm>
#include <cmath>
#include <ctime>
#include <numeric>
#include <vector>

namespace bench {
namespace {

using namespace std::chrono_literals;
using sim::grow;
using sim::is_delivered;
using sim::key_number;
using sim::random_up;
using sim::world;

constexpr std::chrono::seconds pointer_life{600};

struct minutes_of
{
    int warm_up;
    int measured;
};

// Puts of one key, so many a second for each node, evenly over time and by random nodes: what the
// closest node gets of them in a minute.
double puts_at_root(
    world& reef, const dht::node_id& key, double puts_a_second, const minutes_of& span)
{
    const std::size_t nodes = reef.size();
    const std::size_t root = reef.closest_to(key);
    constexpr auto tick = 10ms;
    const double a_tick = puts_a_second * static_cast<double>(nodes) / (1s / tick);
    double due = 0;
    for (int minute = 0; minute < span.warm_up + span.measured; ++minute) {
        if (minute == span.warm_up) {
            reef.watch(key);
        }
        for (auto passed = 0ms; passed < 60s; passed += tick) {
            for (due += a_tick; due >= 1; due -= 1) {
                reef.begin_put(reef.random().below(nodes), key, sim::an_hour);
            }
            reef.run_for(tick);
        }
    }
    return static_cast<double>(reef.watched()[root]) / span.measured;
}

double processor_seconds()
{
    return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

}  // namespace

hot_key_result hot_key(std::uint64_t seed, std::size_t nodes, int operations_a_second)
{
    world reef{seed};
    grow(reef, nodes);
    const dht::node_id key = key_number(seed);
    constexpr int minutes = 10;
    constexpr int first_measured = 5;
    const double operations = 60.0 * operations_a_second;
    hot_key_result worst;
    double hottest_per_minute = 0;
    for (int minute = 0; minute < minutes; ++minute) {
        reef.watch(key);
        for (int i = 0; i < 60 * operations_a_second; ++i) {
            const std::size_t asker = reef.random().below(nodes);
            reef.begin_get(asker, key, [&reef, asker, key](const dht::get_result&) {
                reef.begin_put(asker, key, pointer_life);
            });
            reef.run_for(1'000ms / operations_a_second);
        }
        if (minute < first_measured) {
            continue;
        }
        const auto& counts = reef.watched();
        const auto hottest = static_cast<double>(*std::max_element(counts.begin(), counts.end()));
        hottest_per_minute = std::max(hottest_per_minute, hottest);
        worst.queries_per_operation +=
            static_cast<double>(std::accumulate(counts.begin(), counts.end(), std::size_t{0})) /
            operations / (minutes - first_measured);
    }
    worst.hottest_per_operation = hottest_per_minute / operations;
    return worst;
}

double stress(std::uint64_t seed, std::size_t nodes, double puts_a_second)
{
    world reef{seed};
    grow(reef, nodes);
    return puts_at_root(reef, key_number(seed), puts_a_second, {3, 4});
}

lookup_result lookups(std::uint64_t seed, std::size_t nodes, std::size_t gets)
{
    world reef{seed};
    grow(reef, nodes);
    const dht::node_id popular = key_number(0);
    for (int i = 0; i < 2'000; ++i) {
        const std::size_t asker = reef.random().below(nodes);
        reef.begin_get(asker, popular, [&reef, asker, popular](const dht::get_result&) {
            reef.begin_put(asker, popular, sim::an_hour);
        });
        reef.run_for(20ms);
    }
    lookup_result mean;
    for (std::size_t i = 0; i < gets; ++i) {
        const dht::node_id key = key_number(1'000 + i);
        reef.put(reef.random().below(nodes), key, sim::an_hour);
        const dht::get_result rare = reef.get(reef.random().below(nodes), key);
        const dht::get_result hot = reef.get(reef.random().below(nodes), popular);
        const dht::get_result none = reef.get(reef.random().below(nodes), key_number(100'000 + i));
        mean.hops += static_cast<double>(rare.hops);
        mean.popular_queries += static_cast<double>(hot.queries);
        mean.absent_queries += static_cast<double>(none.queries);
    }
    const auto count = static_cast<double>(gets);
    return {mean.popular_queries / count, mean.absent_queries / count, mean.hops / count};
}

double churn(std::uint64_t seed, std::size_t nodes, double percent_a_minute)
{
    world reef{seed};
    grow(reef, nodes);
    // Whose provider lives: of each key one node has it, renews it, and is spared.
    const std::size_t providers = nodes / 4;
    for (std::size_t i = 0; i < providers; ++i) {
        reef.announce(i, key_number(i), 4 * sim::an_hour);
    }
    reef.run_for(30s);
    const double per_second = percent_a_minute / 100 * static_cast<double>(nodes) / 60;
    double due = 0;
    std::size_t asked = 0;
    std::size_t found = 0;
    for (int second = 0; second < 20 * 60; ++second) {
        for (due += per_second; due >= 1; due -= 1) {
            reef.kill(random_up(reef, providers));
            reef.add_node({random_up(reef), random_up(reef), random_up(reef)});
        }
        reef.run_for(1s);
        if (second >= 5 * 60) {
            const std::size_t key = reef.random().below(providers);
            std::size_t asker = 0;
            do {
                asker = random_up(reef);
            } while (asker == key);
            // Who dies while it asks is told nothing.
            const auto told = [&](const dht::get_result& got) {
                ++asked;
                found += got.pointers.empty() ? 0 : 1;
            };
            reef.begin_get(asker, key_number(key), told, 2'500ms);
        }
    }
    reef.run_for(5s);
    return 100.0 * static_cast<double>(found) / static_cast<double>(asked);
}

lossy_result lossy(std::uint64_t seed, std::size_t nodes, bool with_levels)
{
    sim::link_model links;
    links.loss_permille = 200;
    links.duplication_permille = 100;
    links.reordering_permille = 300;
    links.least_delay = 10ms;
    links.most_delay = 200ms;
    world reef{seed, links, with_levels ? dht::config{} : sim::one_level()};
    grow(reef, nodes);
    for (std::size_t i = 0; i < nodes; ++i) {
        reef.announce(i, key_number(i), sim::an_hour);
    }
    reef.run_for(60s);
    std::vector<double> took;
    std::size_t found = 0;
    constexpr std::size_t gets = 2'000;
    for (std::size_t i = 0; i < gets; ++i) {
        const std::size_t key = reef.random().below(nodes);
        std::size_t asker = reef.random().below(nodes);
        asker = asker == key ? (asker + 1) % nodes : asker;
        const dht::time_point begun = reef.now();
        const bool is_found = !reef.get(asker, key_number(key), 2'500ms).pointers.empty();
        found += is_found ? 1 : 0;
        took.push_back(std::chrono::duration<double, std::milli>(reef.now() - begun).count());
    }
    std::nth_element(took.begin(), took.begin() + gets / 2, took.end());
    return {100.0 * static_cast<double>(found) / gets, took[gets / 2]};
}

namespace {

constexpr sim::lies about_everything{true, true, true};

}  // namespace

double among_liars(std::uint64_t seed, std::size_t nodes, unsigned liars_percent)
{
    world reef{seed};
    grow(reef, nodes);
    const std::size_t liars = nodes * liars_percent / 100;  // the order of joining says nothing
    for (std::size_t i = 0; i < liars; ++i) {
        sim::make_liar(reef, nodes - 1 - i, about_everything);
    }
    const std::size_t honest = nodes - liars;
    constexpr std::size_t keys = 200;
    std::size_t delivered = 0;
    for (std::size_t i = 0; i < keys; ++i) {
        const dht::node_id key = key_number(i);
        const std::size_t holder = reef.random().below(honest);
        const std::size_t asker = (holder + 1 + reef.random().below(honest - 1)) % honest;
        reef.announce(holder, key, sim::an_hour);
        reef.run_for(10s);
        delivered += is_delivered(reef, asker, key, holder) ? 1 : 0;
    }
    return 100.0 * static_cast<double>(delivered) / keys;
}

double beside_sybils(std::uint64_t seed, std::size_t nodes, std::size_t sybils)
{
    constexpr unsigned shared_bits = 12;
    constexpr std::size_t keys = 20;
    std::size_t delivered = 0;
    std::size_t asked = 0;
    for (std::size_t i = 0; i < keys; ++i) {
        world reef{seed * keys + i};
        grow(reef, nodes);
        const dht::node_id key = key_number(i);
        const auto places = sim::endpoints_beside(key, sybils, shared_bits);
        for (const dht::endpoint& place : places) {
            const std::size_t one =
                reef.add_node_at(place, {reef.random().below(nodes)}, sim::one_level());
            sim::make_liar(reef, one, about_everything, places);
        }
        reef.run_for(10min);
        const std::size_t holder = reef.random().below(nodes);
        reef.announce(holder, key, sim::an_hour);
        reef.run_for(10s);
        for (std::size_t k = 0; k < 10; ++k) {
            const std::size_t asker = (holder + 1 + reef.random().below(nodes - 1)) % nodes;
            delivered += is_delivered(reef, asker, key, holder) ? 1 : 0;
            ++asked;
        }
    }
    return 100.0 * static_cast<double>(delivered) / static_cast<double>(asked);
}

scale_result scale(std::uint64_t seed, std::size_t nodes, std::size_t gets)
{
    const double start = processor_seconds();
    world reef{seed};
    grow(reef, nodes);
    const std::size_t keys = gets / 10;
    for (std::size_t i = 0; i < keys; ++i) {
        reef.announce(reef.random().below(nodes), key_number(i), sim::an_hour);
    }
    reef.run_for(10s);
    scale_result out;
    std::size_t found = 0;
    // Many at a time: one after the other the network would live for an hour meanwhile.
    constexpr std::size_t at_a_time = 50;
    for (std::size_t i = 0; i < gets + keys; ++i) {
        const bool is_absent = i >= gets;
        reef.begin_get(reef.random().below(nodes),
            key_number(is_absent ? i : i % keys),
            [&out, &found, is_absent, gets, keys](const dht::get_result& got) {
                if (is_absent) {
                    out.absent_queries +=
                        static_cast<double>(got.queries) / static_cast<double>(keys);
                } else {
                    found += got.pointers.empty() ? 0 : 1;
                    out.hops += static_cast<double>(got.hops) / static_cast<double>(gets);
                }
            });
        if (i % at_a_time == 0) {
            reef.run_for(20ms);
        }
    }
    reef.run_for(2s);
    out.found_percent = 100.0 * static_cast<double>(found) / static_cast<double>(gets);
    out.seconds = processor_seconds() - start;
    out.resident_gib = most_resident_octets() / (1 << 30);
    out.puts_at_root = puts_at_root(reef, key_number(2 * gets), 0.5, {1, 2});
    return out;
}

speed_result quiet(std::uint64_t seed, std::size_t nodes, std::chrono::minutes span)
{
    const double before = allocated_octets();
    world reef{seed};
    grow(reef, nodes);
    const double start = processor_seconds();
    const std::uint64_t events = reef.events();
    reef.run_for(span);
    return {processor_seconds() - start,
        static_cast<double>(reef.events() - events),
        (allocated_octets() - before) / static_cast<double>(nodes)};
}

}  // namespace bench
