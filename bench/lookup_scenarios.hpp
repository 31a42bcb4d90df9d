// What the sloppy table costs and what it withstands, each as one run of the simulator.

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace bench {

// One key that everybody wants: random nodes get it and then put themselves.
struct hot_key_result
{
    double hottest_per_operation = 0;  // requests at the hottest node in its worst minute
    double queries_per_operation = 0;  // of both, as they arrive
};

hot_key_result hot_key(std::uint64_t seed, std::size_t nodes, int operations_a_second);

// Coral's stress test (NSDI 2004, section 5): every node puts one key twice a second... of so many
// puts a second from each node, what the node closest to the key gets in a minute.
double stress(std::uint64_t seed, std::size_t nodes, double puts_a_second);

struct lookup_result
{
    double popular_queries = 0;  // per get of a key that many have
    double absent_queries = 0;
    double hops = 0;  // per get of a key that three nodes have
};

lookup_result lookups(std::uint64_t seed, std::size_t nodes, std::size_t gets);

// Nodes come and go, so many of a hundred in a minute; of keys whose provider lives, so many of a
// hundred gets find one.
double churn(std::uint64_t seed, std::size_t nodes, double percent_a_minute);

struct lossy_result
{
    double found_percent = 0;  // within 2.5 s
    double median_ms = 0;
};

// 20 % loss, 10 % duplicates, 30 % reordering, 10 to 200 ms one way. with_levels: those of the
// defaults, else one.
lossy_result lossy(std::uint64_t seed, std::size_t nodes, bool with_levels);

// Of a hundred gets so many bring the pointer of the true holder, if whoever is told lies asks
// again. `liars` of a hundred nodes, chosen at random, name nobody and false holders.
double among_liars(std::uint64_t seed, std::size_t nodes, unsigned liars_percent);

// Some of these liars stand beside each key, closer than any true node, before it is put.
double beside_sybils(std::uint64_t seed, std::size_t nodes, std::size_t sybils);

struct speed_result
{
    double seconds = 0;  // of this processor
    double events = 0;
    double octets_per_node = 0;
};

// So many nodes that have joined, for so long, doing nothing else than to stay together.
speed_result quiet(std::uint64_t seed, std::size_t nodes, std::chrono::minutes span);

struct scale_result
{
    double seconds = 0;       // of this processor, for all of it
    double resident_gib = 0;  // at most
    double found_percent = 0;
    double hops = 0;
    double absent_queries = 0;
    double puts_at_root =
        0;  // of Coral's stress test afterwards, a minute; its time is not counted
};

// So many nodes join through one another; a tenth of so many gets look for keys that one node each
// has announced, and as many for keys of nobody.
scale_result scale(std::uint64_t seed, std::size_t nodes, std::size_t gets);

}  // namespace bench
