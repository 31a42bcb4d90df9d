// The sloppy table beside greedy Kademlia and Chord: one simulator, the same questions.

#include "bench/contenders.hpp"
#include "bench/figures.hpp"
#include "tests/sim/reef.hpp"
#include "tests/sim/world/churn.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <functional>
#include <memory>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

namespace bench {
namespace {

using namespace std::chrono_literals;
using sim::key_number;
using sim::world;

struct at_size
{
    double hops = 0;  // of a get of a key that one node has put
    double queries = 0;
    double found_percent = 0;
    double hot_queries = 0;  // of a get and a put of a key that everybody has
    double hottest = 0;      // node's requests for it, per operation
    double hottest_per_minute = 0;
};

double middle(const std::vector<at_size>& runs, double at_size::*field)
{
    std::vector<double> values;
    values.reserve(runs.size());
    for (const at_size& one : runs) {
        values.push_back(one.*field);
    }
    return median_of(std::move(values));
}

void ask_rare(contender& net, std::size_t nodes, at_size& out)
{
    constexpr std::size_t gets = 200;
    constexpr std::size_t first_key = 1'000;
    std::size_t found = 0;
    for (std::size_t i = 0; i < gets; ++i) {
        const dht::node_id key = key_number(first_key + i);
        const std::size_t holder = net.reef().random().below(nodes);
        const std::size_t asker = (holder + 1 + net.reef().random().below(nodes - 1)) % nodes;
        net.put(holder, key, sim::an_hour);
        net.reef().run_for(3s);
        const auto told = [&](const contender::outcome& got) {
            found += got.is_found ? 1 : 0;
            out.hops += static_cast<double>(got.hops) / gets;
            out.queries += static_cast<double>(got.queries) / gets;
        };
        net.get(asker, key, told);
        net.reef().run_for(3s);
    }
    out.found_percent = 100.0 * static_cast<double>(found) / gets;
}

// Everybody wants one key: random nodes get it and then put themselves.
void ask_hot(contender& net, std::size_t nodes, at_size& out)
{
    constexpr int operations_a_second = 25;
    constexpr int minutes = 7;
    constexpr int first_measured = 4;
    constexpr double operations = 60.0 * operations_a_second;
    const dht::node_id key = key_number(1);
    for (int minute = 0; minute < minutes; ++minute) {
        net.watch(key);
        for (int i = 0; i < 60 * operations_a_second; ++i) {
            const std::size_t asker = net.reef().random().below(nodes);
            net.get(asker, key, [&net, asker, key](const contender::outcome&) {
                // Not from within its own answer.
                net.reef().at(net.reef().now(), [&net, asker, key] { net.put(asker, key, 600s); });
            });
            net.reef().run_for(1'000ms / operations_a_second);
        }
        if (minute < first_measured) {
            continue;
        }
        const std::vector<std::size_t> counts = net.watched();
        const auto hottest = static_cast<double>(*std::max_element(counts.begin(), counts.end()));
        out.hottest_per_minute = std::max(out.hottest_per_minute, hottest);
        out.hot_queries +=
            static_cast<double>(std::accumulate(counts.begin(), counts.end(), std::size_t{0})) /
            operations / (minutes - first_measured);
    }
    net.reef().run_for(5s);
    out.hottest = out.hottest_per_minute / operations;
}

// Of gets of keys whose provider lives, so many of a hundred found one.
double found_under_churn(contender& net, std::size_t nodes, double percent_a_minute)
{
    world& reef = net.reef();
    const std::size_t providers = nodes / 4;
    for (std::size_t i = 0; i < providers; ++i) {
        net.announce(i, key_number(i));
    }
    sim::churn_plan plan = sim::churn_of(reef, percent_a_minute, providers);
    plan.join = [&net] { net.add(); };
    const sim::churn coming_and_going{reef, plan};
    reef.run_for(5min);
    std::size_t told = 0;
    std::size_t found = 0;
    for (int second = 0; second < 10 * 60; ++second) {
        const std::size_t key = reef.random().below(providers);
        std::size_t asker = key;
        while (asker == key) {
            asker = sim::random_up(reef);
        }
        // Who dies while it asks is told nothing.
        const auto count = [&](const contender::outcome& got) {
            ++told;
            found += got.is_found ? 1 : 0;
        };
        net.get(asker, key_number(key), count);
        reef.run_for(1s);
    }
    reef.run_for(10s);
    return 100.0 * static_cast<double>(found) / static_cast<double>(told);
}

void compare_sizes(std::size_t seeds, const std::vector<std::size_t>& sizes, std::FILE* csv)
{
    std::printf("%-9s %6s %6s %8s %7s %8s %9s %10s\n",
        "table",
        "nodes",
        "hops",
        "queries",
        "found",
        "hot q/op",
        "hottest",
        "a minute");
    if (csv != nullptr) {
        std::fprintf(csv,
            "table,nodes,hops,queries,found_percent,hot_queries,hottest_per_operation,"
            "hottest_per_minute\n");
    }
    for (const contender_kind& kind : contender_kinds()) {
        for (const std::size_t nodes : sizes) {
            std::vector<at_size> runs;
            for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
                const std::unique_ptr<contender> net = kind.make(seed, nodes);
                at_size& out = runs.emplace_back();
                ask_rare(*net, nodes, out);
                ask_hot(*net, nodes, out);
            }
            const auto print = [&](std::FILE* to, const char* format) {
                std::fprintf(to,
                    format,
                    kind.name.c_str(),
                    nodes,
                    middle(runs, &at_size::hops),
                    middle(runs, &at_size::queries),
                    middle(runs, &at_size::found_percent),
                    middle(runs, &at_size::hot_queries),
                    middle(runs, &at_size::hottest),
                    middle(runs, &at_size::hottest_per_minute));
                std::fflush(to);
            };
            print(stdout, "%-9s %6zu %6.2f %8.2f %6.1f%% %8.2f %9.3f %10.0f\n");
            if (csv != nullptr) {
                print(csv, "%s,%zu,%.3f,%.3f,%.2f,%.3f,%.4f,%.0f\n");
            }
        }
    }
}

void compare_churn(std::size_t seeds, std::FILE* csv)
{
    constexpr std::size_t nodes = 200;
    std::printf("\n%-9s %20s %8s\n", "table", "replaced a minute, %", "found");
    if (csv != nullptr) {
        std::fprintf(csv, "table,percent_a_minute,found_percent\n");
    }
    for (const contender_kind& kind : contender_kinds()) {
        for (const int percent : {1, 5, 14, 50}) {
            std::vector<double> found;
            for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
                const std::unique_ptr<contender> net = kind.make(seed, nodes);
                found.push_back(found_under_churn(*net, nodes, percent));
            }
            const double median = median_of(std::move(found));
            std::printf("%-9s %20d %7.1f%%\n", kind.name.c_str(), percent, median);
            std::fflush(stdout);
            if (csv != nullptr) {
                std::fprintf(csv, "%s,%d,%.2f\n", kind.name.c_str(), percent, median);
            }
        }
    }
}

int run(int argc, char** argv)
{
    CLI::App program{"The sloppy table beside greedy Kademlia and Chord, by the simulator."};
    std::size_t seeds = 3;
    std::vector<std::size_t> sizes{32, 100, 316, 1'000, 3'162};
    std::string folder;
    program.add_option("--seeds", seeds, "Runs per figure; the median is shown.")
        ->check(CLI::Range(1, 1'000));
    program.add_option("--nodes", sizes, "Sizes of the networks.")->check(CLI::Range(8, 1'000'000));
    program.add_option("--csv", folder, "Folder for sizes.csv and churn.csv.")
        ->check(CLI::ExistingDirectory);
    CLI11_PARSE(program, argc, argv);
    file of_sizes{nullptr, std::fclose};
    file of_churn{nullptr, std::fclose};
    if (!folder.empty()) {
        of_sizes = open_for_writing(folder + "/sizes.csv");
        of_churn = open_for_writing(folder + "/churn.csv");
        if (!of_sizes || !of_churn) {
            return 1;
        }
    }
    compare_sizes(seeds, sizes, of_sizes.get());
    compare_churn(seeds, of_churn.get());
    return 0;
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv)
{
    return bench::run(argc, argv);
}
