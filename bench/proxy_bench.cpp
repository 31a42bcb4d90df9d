// CPU time per hit, beside nginx with proxy_cache in the same run. README.md says what is compared.

#include "tests/support/atoll_peer.hpp"
#include "tests/support/free_port.hpp"
#include "tests/support/generated_body.hpp"
#include "tests/support/http_client.hpp"
#include "tests/support/nginx.hpp"
#include "tests/support/process_usage.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/support/test_origin.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <thread>

#include <sched.h>

namespace bench {
namespace {

struct bench_options
{
    int rounds = 5;
    int seconds = 3;
    int connections = 16;
    std::string program = support::atoll_program();
};

struct body_size
{
    const char* name;
    const char* path;
    std::size_t octets;
};

constexpr body_size sizes[] = {
    {"1 KB", "/1k", 1'024}, {"64 KB", "/64k", 64 * 1'024}, {"1 MB", "/1m", 1'024 * 1'024}};

struct measurement
{
    double microseconds_per_request = 0;
    double requests_per_second = 0;
};

// Every thread of the process and of its children: what they start later inherits it.
void pin(pid_t id, unsigned core)
{
    cpu_set_t cores;
    CPU_ZERO(&cores);
    CPU_SET(core, &cores);
    const std::filesystem::path tasks = "/proc/" + std::to_string(id) + "/task";
    for (const auto& task : std::filesystem::directory_iterator(tasks)) {
        sched_setaffinity(std::stoi(task.path().filename()), sizeof cores, &cores);
    }
    for (const pid_t child : support::children_of(id)) {
        pin(child, core);
    }
}

std::chrono::microseconds cpu_time_of_all(pid_t id)
{
    std::chrono::microseconds total = support::cpu_time(id);
    for (const pid_t child : support::children_of(id)) {
        total += cpu_time_of_all(child);
    }
    return total;
}

struct server
{
    std::string name;
    boost::asio::ip::tcp::endpoint endpoint;
    pid_t id;
};

// A hit that is wrong or is no hit is not worth a measurement.
void check_hit(const server& what,
    const support::test_origin& origin,
    const body_size& size,
    const std::string& body)
{
    support::http_request request;
    request.target = size.path;
    request.fields.emplace_back("Host", "127.0.0.1:" + std::to_string(what.endpoint.port()));
    support::http_client client(what.endpoint);
    for (int attempt = 0; attempt < 3; ++attempt) {
        const std::uint64_t before = origin.count(size.path).requests;
        const support::http_client::result response = client.exchange(request);
        if (!response || response->status != 200 || response->body != body) {
            throw std::runtime_error(what.name + " does not serve " + size.path);
        }
        if (origin.count(size.path).requests == before) {
            return;
        }
    }
    throw std::runtime_error(what.name + " does not keep " + size.path);
}

measurement measure(const server& what, const body_size& size, const bench_options& options)
{
    support::command wrk;
    wrk.program = "wrk";
    wrk.arguments = {"--threads",
        "1",
        "--connections",
        std::to_string(options.connections),
        "--duration",
        std::to_string(options.seconds) + "s",
        "http://127.0.0.1:" + std::to_string(what.endpoint.port()) + size.path};
    if (std::thread::hardware_concurrency() > 1) {
        wrk.arguments.insert(wrk.arguments.begin(), {"-c", "1", "wrk"});
        wrk.program = "taskset";
    }
    const std::chrono::microseconds before = cpu_time_of_all(what.id);
    const support::run_result result =
        support::run(wrk, std::chrono::seconds(options.seconds + 30));
    const std::chrono::microseconds used = cpu_time_of_all(what.id) - before;

    // "  15086 requests in 1.00s, 2.10MB read"
    const std::size_t end = result.output.find(" requests in ");
    if (end == std::string::npos || result.output.find("Non-2xx") != std::string::npos ||
        result.output.find("Socket errors") != std::string::npos) {
        throw std::runtime_error("wrk at " + what.name + ":\n" + result.output + result.errors);
    }
    const std::size_t line = result.output.rfind('\n', end) + 1;
    const double requests = std::stod(result.output.substr(line, end - line));
    measurement measured;
    measured.microseconds_per_request = static_cast<double>(used.count()) / requests;
    measured.requests_per_second = requests / options.seconds;
    return measured;
}

double median(std::vector<double> values)
{
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

// The servers take turns, so that whatever else the machine does meets both.
void compare(
    const server& ours, const server& other, const body_size& size, const bench_options& options)
{
    std::vector<double> our_cost;
    std::vector<double> other_cost;
    std::vector<double> our_rate;
    std::vector<double> other_rate;
    std::vector<double> ratio;
    for (int round = 0; round < options.rounds; ++round) {
        const measurement first = measure(ours, size, options);
        const measurement second = measure(other, size, options);
        our_cost.push_back(first.microseconds_per_request);
        other_cost.push_back(second.microseconds_per_request);
        our_rate.push_back(first.requests_per_second);
        other_rate.push_back(second.requests_per_second);
        ratio.push_back(first.microseconds_per_request / second.microseconds_per_request);
    }
    const auto [lowest, highest] = std::minmax_element(ratio.begin(), ratio.end());
    std::printf("%-8s %8.2f us %8.2f us   %5.2f (%.2f to %.2f)   %9.0f/s %9.0f/s\n",
        size.name,
        median(our_cost),
        median(other_cost),
        median(ratio),
        *lowest,
        *highest,
        median(our_rate),
        median(other_rate));
    std::fflush(stdout);
}

std::string nginx_block(
    const support::test_origin& origin, std::uint16_t port, const std::filesystem::path& directory)
{
    return "sendfile on;\nkeepalive_requests 1000000000;\n"
           "proxy_cache_path " +
           directory.string() +
           "/cache keys_zone=hits:10m;\n"
           "server {\nlisten 127.0.0.1:" +
           std::to_string(port) +
           " backlog=1024;\n"
           "access_log " +
           directory.string() +
           "/access.log combined buffer=64k flush=1s;\n"
           "location / {\nproxy_pass " +
           origin.url("") + ";\nproxy_cache hits;\n}\n}\n";
}

int run(const bench_options& options)
{
    const support::temporary_directory directory;
    support::test_origin origin;
    std::vector<std::string> bodies;
    for (const body_size& size : sizes) {
        bodies.push_back(support::generated_body(size.octets, size.octets));
        support::origin_route route;
        route.body = bodies.back();
        origin.serve(size.path, std::move(route));
    }

    support::atoll_peer_options peer_options;
    peer_options.program = options.program;
    peer_options.directory = directory.path() / "atoll";
    peer_options.more_arguments = {"--threads", "1", "--origin", origin.url("")};
    support::atoll_peer peer(peer_options);
    const std::uint16_t port = support::free_port();
    const std::filesystem::path nginx_directory = directory.path() / "nginx";
    support::nginx other(nginx_directory,
        port,
        nginx_block(origin, port, nginx_directory),
        support::nginx_processes::master_and_worker);

    const server ours{"atoll", peer.client(), peer.program().id()};
    const server theirs{"nginx", other.endpoint(), other.program().id()};
    pin(ours.id, 0);
    pin(theirs.id, 0);

    std::printf(
        "CPU time (user and system) per hit; one worker each, on core 0; wrk on core 1 with %d\n"
        "connections; medians of %d rounds of %d s in turn, ratio with its lowest and highest\n\n",
        options.connections,
        options.rounds,
        options.seconds);
    std::printf(
        "%-8s %11s %11s   %-22s %11s %11s\n", "body", "atoll", "nginx", "ratio", "atoll", "nginx");
    for (std::size_t index = 0; index < bodies.size(); ++index) {
        check_hit(ours, origin, sizes[index], bodies[index]);
        check_hit(theirs, origin, sizes[index], bodies[index]);
        compare(ours, theirs, sizes[index], options);
    }
    return 0;
}

}  // namespace
}  // namespace bench

int main(int argument_count, char** arguments)
{
    bench::bench_options options;
    CLI::App app("CPU time per hit, beside nginx with proxy_cache");
    app.add_option("--rounds", options.rounds, "rounds of both servers")
        ->check(CLI::Range(1, 1'000));
    app.add_option("--seconds", options.seconds, "of one measurement")->check(CLI::Range(1, 600));
    app.add_option("--connections", options.connections, "of wrk")->check(CLI::Range(1, 1'000));
    app.add_option("--atoll", options.program, "the program to run")->check(CLI::ExistingFile);
    CLI11_PARSE(app, argument_count, arguments);
    try {
        return bench::run(options);
    } catch (const std::exception& failure) {
        std::fprintf(stderr, "proxy_bench: %s\n", failure.what());
        return 1;
    }
}
