// A small page in a large crowd: five peers, an origin whose whole uplink is 384 kbit/s, a hundred
// requests a second. What `do demo` runs.

#include "bench/crowd.hpp"
#include "bench/crowd_display.hpp"
#include "bench/crowd_summary.hpp"
#include "tests/support/reef.hpp"
#include "tests/support/temporary_directory.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <exception>
#include <fstream>
#include <system_error>

#include <sys/resource.h>

namespace bench {
namespace {

struct bench_options
{
    crowd_options crowd;
    long seconds = 30;
    std::uint64_t uplink_kilobits = 384;
    bool kill_one = false;
    bool block_index = false;
    bool keep = false;
    bool only_cooperating = false;
    std::string csv;
    std::string program = support::atoll_program();
};

void add_options(CLI::App& app, bench_options& options)
{
    app.add_option("--peers", options.crowd.peers, "number of peers")->check(CLI::Range(1, 50));
    app.add_option("--seconds", options.seconds, "how long the crowd asks")
        ->check(CLI::Range(1, 600));
    app.add_option("--rate", options.crowd.requests_per_second, "requests a second, over all peers")
        ->check(CLI::Range(0.1, 5'000.0));
    app.add_option(
        "--uplink", options.uplink_kilobits, "the origin's uplink in kbit/s; 0: no limit");
    app.add_option("--seed", options.crowd.seed, "of the crowd: the same seed, the same crowd");
    app.add_flag("--kill-one", options.kill_one, "kill -9 one peer in the middle");
    app.add_flag("--block-index", options.block_index, "no datagram of the index arrives");
    app.add_flag("--keep", options.keep, "leave the reef up afterwards, until Ctrl-C");
    app.add_flag("--only-cooperating",
        options.only_cooperating,
        "without the second crowd, at peers that do not cooperate");
    app.add_option("--csv", options.csv, "write one line for each request to this file");
    app.add_option("--atoll", options.program, "the program to run")->check(CLI::ExistingFile);
}

// Every waiting request holds a connection at our end and one at the peer's.
void raise_descriptor_limit()
{
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

// One origin, one reef, one crowd. The members that others refer to come first.
class round
{
public:
    round(const bench_options& options, bool cooperate, const std::filesystem::path& directory)
        : options_(options),
          title_(cooperate ? "cooperating" : "each alone"),
          origin_(options.uplink_kilobits * 1'000 / 8),
          reef_(options_for(options, cooperate, directory))
    {
        support::serve_demo_site(origin_, site_);
    }

    void run()
    {
        std::vector<boost::asio::ip::tcp::endpoint> clients;
        for (std::size_t peer = 0; peer < reef_.size(); ++peer) {
            clients.push_back(reef_.at(peer).client());
        }
        crowd people(clients, site_, origin_.authority());
        if (options_.block_index) {
            reef_.drop_datagrams();
        }
        if (options_.kill_one && reef_.size() > 1) {
            people.schedule(std::chrono::milliseconds(options_.seconds * 500), [&] {
                reef_.at(1).program().kill();
                people.peer_was_killed(1);
            });
        }
        const std::vector<planned_request> plan = plan_crowd(options_.crowd);
        crowd_display display(std::to_string(reef_.size()) + " peers, " + title_ + ", " +
                                  std::to_string(plan.size()) + " requests",
            options_.crowd.duration);
        people.run(plan, [&] { display.update(summarize(people, origin_.total())); });
        summary_ = summarize(people, origin_.total());
        display.finish(summary_);
        records_ = people.records();
    }

    table_column column() const { return {title_, summary_}; }
    bool all_served() const { return summary_.all_served(); }

    void explain_failures() const
    {
        constexpr int enough = 10;
        int shown = 0;
        for (const request_record& record : records_) {
            if (record.end != outcome::correct && ++shown <= enough) {
                std::printf("  %s: %s at %.2f s from peer %zu: %s\n",
                    title_.c_str(),
                    site_[record.plan.file].path.c_str(),
                    std::chrono::duration<double>(record.plan.at).count(),
                    record.plan.peer + 1,
                    record.end == outcome::wrong_body ? "wrong bytes" : record.failure.c_str());
            }
        }
    }

    void write_csv(std::ostream& csv) const
    {
        for (const request_record& record : records_) {
            csv << title_ << ',' << std::chrono::duration<double>(record.plan.at).count() << ','
                << record.plan.peer + 1 << ',' << site_[record.plan.file].path << ','
                << (record.plan.coralized ? "coralized" : "forward") << ','
                << support::name_of(record.source) << ','
                << std::chrono::duration<double>(record.waited).count() << ','
                << (record.end == outcome::correct ? "correct" : "failed") << '\n';
        }
    }

    void print_addresses()
    {
        std::string origin = origin_.authority();
        std::replace(origin.begin(), origin.end(), ':', '.');
        std::printf("\n%s\n", emphasized("The reef is up. Ctrl-C ends it.").c_str());
        for (std::size_t index = 0; index < reef_.size(); ++index) {
            support::atoll_peer& peer = reef_.at(index);
            if (!peer.program().running()) {
                std::printf("  peer %zu was killed\n", index + 1);
                continue;
            }
            std::printf(
                "  peer %zu  page http://%s.atoll.localhost:%u/   status http://127.0.0.1:%u/\n",
                index + 1,
                origin.c_str(),
                unsigned{peer.client().port()},
                unsigned{peer.admin().port()});
        }
        std::printf("  Or set 127.0.0.1:%u as the HTTP proxy of a client and open %s\n",
            unsigned{reef_.at(0).client().port()},
            origin_.url("/").c_str());
        std::fflush(stdout);
    }

private:
    static support::reef_options options_for(
        const bench_options& options, bool cooperate, const std::filesystem::path& directory)
    {
        support::reef_options result;
        result.program = options.program;
        result.directory = directory / (cooperate ? "cooperating" : "alone");
        result.peers = options.crowd.peers;
        result.cooperate = cooperate;
        result.droppable_datagrams = options.block_index;
        return result;
    }

    const bench_options& options_;
    std::string title_;
    std::vector<support::demo_file> site_ = support::make_demo_site();
    support::test_origin origin_;
    support::reef reef_;
    crowd_summary summary_;
    std::vector<request_record> records_;
};

void introduce(const bench_options& options)
{
    const double origin_octets =
        static_cast<double>(options.crowd.peers * options.crowd.files * support::demo_file_octets);
    std::printf(
        "An origin with an uplink of %llu kbit/s holds a page of %zu files of 41 KB. A crowd asks "
        "%zu peers\nfor them, %.0f times a second, for %ld s.",
        static_cast<unsigned long long>(options.uplink_kilobits),
        options.crowd.files,
        options.crowd.peers,
        options.crowd.requests_per_second,
        options.seconds);
    if (options.uplink_kilobits > 0) {
        std::printf(" If every peer fetched every file, the wire alone would need %.0f s.",
            origin_octets * 8 / static_cast<double>(options.uplink_kilobits) / 1e3);
    }
    std::printf("\n");
}

void wait_for_interrupt()
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigprocmask(SIG_BLOCK, &signals, nullptr);
    int received = 0;
    sigwait(&signals, &received);
    std::printf("\n");
}

int run_rounds(bench_options& options)
{
    options.crowd.duration = std::chrono::seconds(options.seconds);
    options.crowd.files = support::demo_picture_count + 1;
    raise_descriptor_limit();
    introduce(options);

    const support::temporary_directory directory;
    std::vector<table_column> columns;
    round together(options, true, directory.path());
    together.run();
    columns.push_back(together.column());
    bool all_served = together.all_served();

    std::ofstream csv;
    if (!options.csv.empty()) {
        csv.open(options.csv);
        if (!csv) {
            throw std::system_error(errno, std::generic_category(), options.csv);
        }
    }
    csv << "mode,asked_at_s,peer,file,way,source,waited_s,outcome\n";
    together.write_csv(csv);
    if (!options.only_cooperating) {
        round alone(options, false, directory.path());
        alone.run();
        columns.push_back(alone.column());
        all_served = all_served && alone.all_served();
        alone.write_csv(csv);
        alone.explain_failures();
    }
    together.explain_failures();
    print_table(columns);
    if (options.keep) {
        together.print_addresses();
        wait_for_interrupt();
    } else {
        std::printf("\nTo look at the page and the dashboards in a browser: do demo --keep\n");
    }
    return all_served ? 0 : 1;
}

}  // namespace
}  // namespace bench

int main(int argument_count, char** arguments)
{
    bench::bench_options options;
    CLI::App app(
        "A small page in a large crowd: the same requests at peers that cooperate and at "
        "peers that do not");
    bench::add_options(app, options);
    CLI11_PARSE(app, argument_count, arguments);
    try {
        return bench::run_rounds(options);
    } catch (const bench::interrupted&) {
        return 130;  // as a shell says for SIGINT
    } catch (const std::exception& failure) {
        std::fprintf(stderr, "flash_crowd_bench: %s\n", failure.what());
        return 1;
    }
}
