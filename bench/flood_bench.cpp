// How long hits take while junk datagrams come in as fast as one core sends them: to the peer, and
// to a socket beside it that only reads and discards them. README.md says what is compared.

#include "bench/figures.hpp"
#include "tests/support/atoll_peer.hpp"
#include "tests/support/generated_body.hpp"
#include "tests/support/http_client.hpp"
#include "tests/support/process.hpp"
#include "tests/support/raw_connection.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/support/test_origin.hpp"
#include "tests/wire/process/junk_datagrams.hpp"

#include <CLI/CLI.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <exception>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace bench {
namespace {

namespace asio = boost::asio;
using asio::ip::udp;
using namespace std::chrono_literals;

struct flood_options
{
    int rounds = 5;
    int seconds = 4;
    int requests_a_second = 500;
    std::uint16_t flood_port = 0;  // set: this process only sends junk there
    std::string network;           // that it pretends to be of
};

[[noreturn]] void send_junk(std::uint16_t port, const std::string& network)
{
    asio::io_context context;
    udp::socket socket{context, {asio::ip::address_v4::loopback(), 0}};
    const udp::endpoint to{asio::ip::address_v4::loopback(), port};
    const std::vector<std::string> all = support::junk_datagrams(network, 3'000);
    while (true) {
        for (const std::string& one : all) {
            boost::system::error_code ignored;
            socket.send_to(asio::buffer(one), to, 0, ignored);
        }
    }
}

[[noreturn]] void discard()
{
    asio::io_context context;
    udp::socket socket{context, {asio::ip::address_v4::loopback(), 0}};
    std::fprintf(stderr, "port %u\n", socket.local_endpoint().port());
    std::array<char, 2'048> octets{};
    while (true) {
        boost::system::error_code ignored;
        socket.receive(asio::buffer(octets), 0, ignored);
    }
}

std::unique_ptr<support::process> this_program(
    std::vector<std::string> arguments, const std::filesystem::path& log)
{
    support::command what;
    what.program = "/proc/self/exe";
    what.program = std::filesystem::read_symlink(what.program);
    what.arguments = std::move(arguments);
    what.errors = log;
    return std::make_unique<support::process>(what);
}

struct percentiles
{
    double p50 = 0;  // microseconds
    double p99 = 0;
};

// At planned moments, so that who is late counts as slow and not as less work.
percentiles hits(const support::atoll_peer& peer,
    const std::string& request,
    const std::string& last_of_body,
    const flood_options& wanted)
{
    support::raw_connection connection{peer.client()};
    std::vector<double> took;
    const auto gap = std::chrono::microseconds{1'000'000 / wanted.requests_a_second};
    const auto start = std::chrono::steady_clock::now();
    const int count = wanted.requests_a_second * wanted.seconds;
    for (int i = 0; i < count; ++i) {
        const auto planned = start + i * gap;
        std::this_thread::sleep_until(planned);
        connection.send(request);
        if (!connection.read_until(last_of_body).ends_with(last_of_body)) {
            throw std::runtime_error("an answer did not come whole");
        }
        const auto passed = std::chrono::steady_clock::now() - planned;
        took.push_back(std::chrono::duration<double, std::micro>(passed).count());
    }
    std::sort(took.begin(), took.end());
    return {took[took.size() / 2], took[took.size() * 99 / 100]};
}

void print(const char* what, const std::vector<percentiles>& rounds)
{
    std::vector<double> p50;
    std::vector<double> p99;
    for (const percentiles& one : rounds) {
        p50.push_back(one.p50);
        p99.push_back(one.p99);
    }
    std::printf("%-34s %10.0f us %10.0f us\n", what, median_of(p50), median_of(p99));
}

int compare(const flood_options& wanted)
{
    support::temporary_directory directory;
    support::test_origin origin;
    support::origin_route route;
    route.body = support::generated_body(1, 1'000) + "the end of it";
    origin.serve("/file", route);
    support::atoll_peer_options options;
    options.directory = directory.path() / "peer";
    const support::atoll_peer peer{options};
    support::http_client(peer.client())
        .exchange(support::forward_request(origin.authority(), "/file"));
    const std::string request =
        "GET " + origin.url("/file") + " HTTP/1.1\r\nHost: " + origin.authority() + "\r\n\r\n";

    const auto sink = this_program({"--discard"}, directory.path() / "sink");
    const std::string told = sink->wait_for_line("port ", 30s).value_or("port 0");
    const std::string sink_port = told.substr(told.find(' ') + 1);
    const std::string peer_port = std::to_string(peer.peer().port());

    std::vector<percentiles> quiet;
    std::vector<percentiles> beside;
    std::vector<percentiles> under;
    std::vector<double> ratios;
    for (int round = 0; round < wanted.rounds; ++round) {
        quiet.push_back(hits(peer, request, "the end of it", wanted));
        for (const bool to_peer : {false, true}) {
            const auto flood = this_program(
                {"--flood", to_peer ? peer_port : sink_port, "--network", options.network},
                directory.path() / "f");
            std::this_thread::sleep_for(200ms);
            (to_peer ? under : beside).push_back(hits(peer, request, "the end of it", wanted));
        }
        ratios.push_back(under.back().p99 / beside.back().p99);
    }
    std::printf("%-34s %13s %13s\n", "hits of 1 KB", "p50", "p99");
    print("no flood", quiet);
    print("flood to a socket that discards", beside);
    print("flood to the peer", under);
    std::printf("p99, peer / socket beside it: %.2f   <= 1.5\n", median_of(ratios));
    double dropped = 0;
    for (const char* why : {"malformed", "other_network", "over_rate", "not_read"}) {
        const double count =
            peer.metric("atoll_index_dropped_total{reason=\"" + std::string{why} + "\"}");
        std::printf("dropped as %-22s %12.0f\n", why, count);
        dropped += count;
    }
    return dropped > 0 ? 0 : 1;
}

int run(int argc, char** argv)
{
    CLI::App program{"Hits while junk datagrams come in."};
    flood_options wanted;
    bool discards = false;
    program.add_option("--rounds", wanted.rounds)->check(CLI::Range(1, 100));
    program.add_option("--seconds", wanted.seconds, "Of each measurement.")
        ->check(CLI::Range(1, 600));
    program.add_option("--rate", wanted.requests_a_second, "Requests a second.")
        ->check(CLI::Range(1, 10'000));
    program.add_option("--flood", wanted.flood_port, "Only send junk there, without an end.");
    program.add_option("--network", wanted.network, "Of the flood's questions.");
    program.add_flag("--discard", discards, "Only read datagrams, without an end.");
    CLI11_PARSE(program, argc, argv);
    if (wanted.flood_port != 0) {
        send_junk(wanted.flood_port, wanted.network);
    }
    if (discards) {
        discard();
    }
    return compare(wanted);
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv)
{
    try {
        return bench::run(argc, argv);
    } catch (const std::exception& failure) {
        std::fprintf(stderr, "flood_bench: %s\n", failure.what());
        return 1;
    }
}
