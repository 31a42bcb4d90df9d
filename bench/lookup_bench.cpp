// The sloppy table in figures: the production code of dht/core in the deterministic simulator.

#include "bench/figures.hpp"
#include "bench/lookup_costs.hpp"
#include "bench/lookup_scenarios.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace bench {
namespace {

class table
{
public:
    // large: sizes of whole networks, one seed each. csv: may be none.
    table(std::size_t seeds, std::vector<std::size_t> large, std::FILE* csv)
        : seeds_(seeds), large_(std::move(large)), csv_(csv)
    {
    }

    const std::vector<std::size_t>& large() const { return large_; }

    // The median over the seeds.
    double median(const std::function<double(std::uint64_t)>& run) const
    {
        std::vector<double> values;
        for (std::uint64_t seed = 1; seed <= seeds_; ++seed) {
            values.push_back(run(seed));
        }
        return median_of(std::move(values));
    }

    void row(const std::string& what, double measured, const std::string& target = "") const
    {
        std::printf("%-68s %12.3f   %s\n", what.c_str(), measured, target.c_str());
        std::fflush(stdout);
        if (csv_ != nullptr) {
            std::fprintf(csv_, "\"%s\",%.4f,\"%s\"\n", what.c_str(), measured, target.c_str());
            std::fflush(csv_);
        }
    }

private:
    std::size_t seeds_;
    std::vector<std::size_t> large_;
    std::FILE* csv_;
};

void hot_keys(const table& out)
{
    struct size
    {
        std::size_t nodes;
        int operations;
        const char* target;
    };
    for (const size& one :
        {size{50, 25, "<= 0.4"}, {500, 25, "<= 0.15"}, {5'000, 100, "<= 0.05"}}) {
        std::vector<hot_key_result> runs;
        const double hottest = out.median([&](std::uint64_t seed) {
            runs.push_back(hot_key(seed, one.nodes, one.operations));
            return runs.back().hottest_per_operation;
        });
        const double queries =
            out.median([&](std::uint64_t seed) { return runs[seed - 1].queries_per_operation; });
        const std::string of = ", " + std::to_string(one.nodes) + " nodes";
        out.row("hot key: requests at the hottest node per operation" + of, hottest, one.target);
        out.row("hot key: queries per get and put" + of, queries);
    }
}

// One and a half times what may leak past the nodes on the way.
std::string stress_target(std::size_t nodes)
{
    constexpr double beta = 12;
    char target[64];
    std::snprintf(
        target, sizeof target, "<= %.0f", 1.5 * beta * std::log2(static_cast<double>(nodes)));
    return target;
}

void stress_test(const table& out)
{
    for (const std::size_t nodes : {64U, 494U, 4'096U}) {
        out.row("stress: requests a minute at the closest of " + std::to_string(nodes) + " nodes",
            out.median([&](std::uint64_t seed) { return stress(seed, nodes, 0.5); }),
            stress_target(nodes));
    }
}

void queries(const table& out)
{
    for (const std::size_t nodes : {100U, 1'000U, 10'000U}) {
        std::vector<lookup_result> runs;
        char target[64];
        std::snprintf(
            target, sizeof target, "<= %.1f", 0.5 * std::log2(static_cast<double>(nodes)) + 4);
        const std::string of = ", " + std::to_string(nodes) + " nodes";
        const double absent = out.median([&](std::uint64_t seed) {
            runs.push_back(lookups(seed, nodes, 300));
            return runs.back().absent_queries;
        });
        const auto run_of = [&](std::uint64_t seed) { return runs[seed - 1]; };
        out.row("get of a popular key: queries" + of,
            out.median([&](std::uint64_t seed) { return run_of(seed).popular_queries; }),
            "<= 2");
        out.row("get of an absent key: queries" + of, absent, target);
        out.row("get of a rare key: hops" + of,
            out.median([&](std::uint64_t seed) { return run_of(seed).hops; }));
    }
}

void churns(const table& out)
{
    struct rate
    {
        double percent;
        const char* target;
    };
    for (const rate& one : {rate{5, ">= 99.5"}, {14, ">= 99"}, {50, ">= 95"}}) {
        out.row("churn of " + std::to_string(static_cast<int>(one.percent)) +
                    " % a minute, 200 nodes: found, %",
            out.median([&](std::uint64_t seed) { return churn(seed, 200, one.percent); }),
            one.target);
    }
}

void losses(const table& out)
{
    struct network
    {
        std::size_t nodes;
        bool with_levels;
    };
    for (const network& one : {network{200, false}, {200, true}, {20, true}}) {
        double median_ms = 0;
        const double found = out.median([&](std::uint64_t seed) {
            const lossy_result result = lossy(seed, one.nodes, one.with_levels);
            median_ms = std::max(median_ms, result.median_ms);
            return result.found_percent;
        });
        const std::string of = std::to_string(one.nodes) + " nodes, " +
                               (one.with_levels ? "three levels" : "one level");
        out.row("20 % loss, 10 % twice, 30 % reordered, " + of + ": found in 2.5 s, %",
            found,
            ">= 99.5");
        out.row("the same: median time of a get, ms, worst seed", median_ms, "< 600");
    }
}

void liars(const table& out)
{
    struct share
    {
        unsigned percent;
        const char* target;
    };
    for (const share& one : {share{20, ">= 97"}, {50, ">= 85"}}) {
        out.row(std::to_string(one.percent) + " % liars of 200 nodes: true value delivered, %",
            out.median([&](std::uint64_t seed) { return among_liars(seed, 200, one.percent); }),
            one.target);
    }
    out.row("20 Sybils beside the key of 200 nodes: true value delivered, %",
        out.median([](std::uint64_t seed) { return beside_sybils(seed, 200, 20); }),
        ">= 99");
}

void speeds(const table& out)
{
    const speed_result hour = quiet(1, 1'000, std::chrono::minutes{60});
    out.row("simulator: 1,000 nodes for an hour, processor seconds", hour.seconds, "<= 60");
    out.row("the same: events", hour.events);
    out.row("the same: KiB of memory per idle node", hour.octets_per_node / 1'024, "<= 200");
}

void scales(const table& out)
{
    for (const std::size_t nodes : out.large()) {
        constexpr std::size_t gets = 10'000;
        const scale_result one = scale(1, nodes, gets);
        const std::string of = ", " + std::to_string(nodes) + " nodes";
        const bool is_largest = nodes == 100'000;
        out.row("joins and 10,000 gets: processor minutes" + of,
            one.seconds / 60,
            is_largest ? "<= 15" : "");
        out.row("the same: GiB resident" + of, one.resident_gib, is_largest ? "<= 6" : "");
        out.row("the same: found, %" + of, one.found_percent);
        out.row("the same: hops of a rare key" + of, one.hops);
        out.row("the same: queries of an absent key" + of, one.absent_queries);
        out.row("the same, then stress: requests a minute at the closest" + of,
            one.puts_at_root,
            stress_target(nodes));
    }
}

void costs(const table& out)
{
    const auto microseconds = [](std::uint64_t) { return microseconds_per_answer(); };
    out.row("processor time of an answered get, microseconds", out.median(microseconds), "<= 10");
    out.row("memory of a stored value, octets", octets_per_value(), "<= 96");
    out.row("answer with pointers, octets", octets_of_answer(), "<= 400");
    out.row("amplification to a source without token, worst", amplification(), "<= 1.5");
}

int run(int argc, char** argv)
{
    CLI::App program{"The sloppy table in figures, by the simulator."};
    std::size_t seeds = 5;
    std::vector<std::string> only;
    program.add_option("--seeds", seeds, "Runs per figure; the median is shown.")
        ->check(CLI::Range(1, 1'000));
    program.add_option(
        "--only", only, "hot, stress, queries, churn, loss, liars, speed, scale, costs");
    std::vector<std::size_t> large{10'000, 32'768, 100'000};
    program.add_option("--nodes", large, "Sizes of the networks of `scale`.")
        ->check(CLI::Range(1'000, 1'000'000));
    std::string csv;
    program.add_option("--csv", csv, "File for the same rows.");
    CLI11_PARSE(program, argc, argv);
    const file rows = csv.empty() ? file{nullptr, std::fclose} : open_for_writing(csv);
    if (!csv.empty() && !rows) {
        return 1;
    }
    const table out{seeds, large, rows.get()};
    const auto wanted = [&](const char* name) {
        return only.empty() || std::find(only.begin(), only.end(), name) != only.end();
    };
    struct section
    {
        const char* name;
        void (*run)(const table&);
    };
    for (const section& one : {section{"hot", hot_keys},
             {"stress", stress_test},
             {"queries", queries},
             {"churn", churns},
             {"loss", losses},
             {"liars", liars},
             {"speed", speeds},
             {"scale", scales},
             {"costs", costs}}) {
        if (wanted(one.name)) {
            one.run(out);
        }
    }
    return 0;
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv)
{
    return bench::run(argc, argv);
}
