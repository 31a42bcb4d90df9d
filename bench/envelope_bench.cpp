// What a swarm's envelope costs for one datagram.

#include "dht/core/envelope.hpp"
#include "dht/net/system_random.hpp"

#include <benchmark/benchmark.h>

#include <chrono>
#include <span>
#include <string>

namespace dht {
namespace {

constexpr unix_time noon{std::chrono::seconds{1'800'000'000}};

struct swarm
{
    system_random random;
    swarm_key key = swarm_key::of_new_swarm(random);
    envelope seal_and_open{*swarm_ring::of({key}), std::chrono::seconds{60}, random};
};

void seal(benchmark::State& state)
{
    swarm it;
    const std::string datagram(static_cast<std::size_t>(state.range(0)), 'x');
    for (auto step : state) {
        benchmark::DoNotOptimize(it.seal_and_open.seal(direction::query, datagram, noon));
    }
}

void open(benchmark::State& state)
{
    swarm it;
    const std::string datagram(static_cast<std::size_t>(state.range(0)), 'x');
    const std::string sealed = it.seal_and_open.seal(direction::query, datagram, noon);
    for (auto step : state) {
        benchmark::DoNotOptimize(it.seal_and_open.open(std::as_bytes(std::span{sealed}), noon));
    }
}

// Noise that looks like an envelope: what a stranger can make us do.
void open_noise(benchmark::State& state)
{
    swarm it;
    const std::string datagram(static_cast<std::size_t>(state.range(0)), 'x');
    std::string sealed = it.seal_and_open.seal(direction::query, datagram, noon);
    sealed.back() = static_cast<char>(sealed.back() ^ 1);
    for (auto step : state) {
        benchmark::DoNotOptimize(it.seal_and_open.open(std::as_bytes(std::span{sealed}), noon));
    }
}

BENCHMARK(seal)->Arg(256)->Arg(1'024);
BENCHMARK(open)->Arg(256)->Arg(1'024);
BENCHMARK(open_noise)->Arg(256)->Arg(1'024);

}  // namespace
}  // namespace dht
