#pragma once

#include "tests/support/answer_source.hpp"
#include "tests/support/demo_site.hpp"
#include "tests/support/http_connection.hpp"

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace bench {

using crowd_clock = std::chrono::steady_clock;

struct planned_request
{
    std::chrono::microseconds at{};  // after the start of the crowd
    std::size_t peer = 0;
    std::size_t file = 0;
    bool coralized = false;  // else through the forward proxy
};

struct crowd_options
{
    std::uint64_t seed = 1;
    std::chrono::seconds duration{30};
    double requests_per_second = 100;
    double coralized_share = 0.25;
    std::size_t peers = 5;
    std::size_t files = 12;
};

// Requests at the times of a Poisson process, each for a random file at a random peer. The same
// options give the same crowd.
std::vector<planned_request> plan_crowd(const crowd_options& options);

enum class outcome : std::uint8_t
{
    waiting,
    correct,     // status 200 and the origin's octets
    wrong_body,  // status 200 and any other octets
    failed,      // another status, or no whole answer
};

struct request_record
{
    planned_request plan;
    outcome end = outcome::waiting;
    support::answer_source source = support::answer_source::unknown;
    crowd_clock::duration waited{};  // until the last octet
    std::uint64_t octets = 0;        // head and body
    unsigned refused = 0;            // connections that a killed peer did not take
    unsigned cut_off = 0;            // answers that were under way when their peer was killed
    std::string failure;
};

// Ctrl-C or SIGTERM while the crowd was running.
struct interrupted : std::exception
{
    const char* what() const noexcept override { return "interrupted"; }
};

// Clients with keep-alive, as many as it takes. No client gives up: a request ends when a peer ends
// it. A client whose peer was killed goes to another peer, as a browser with several proxies does;
// whatever else goes wrong is a failed request.
class crowd
{
public:
    crowd(std::vector<boost::asio::ip::tcp::endpoint> peers,
        const std::vector<support::demo_file>& site,
        std::string origin);

    // Runs the whole plan and waits for every answer. `observe` is called a few times a second.
    // Throws interrupted.
    void run(const std::vector<planned_request>& plan, const std::function<void()>& observe);

    // Calls `action` that long after the start of run().
    void schedule(std::chrono::milliseconds at, std::function<void()> action);
    void peer_was_killed(std::size_t peer) { killed_.at(peer) = true; }

    // One per request that has been sent so far, in their order.
    const std::vector<request_record>& records() const { return records_; }
    std::chrono::duration<double> elapsed() const { return crowd_clock::now() - start_; }

private:
    using connection = std::unique_ptr<support::http_connection>;
    using response = boost::system::result<support::http_response>;

    struct scheduled_action
    {
        std::chrono::milliseconds at;
        std::function<void()> action;
    };

    boost::asio::awaitable<void> release(const std::vector<planned_request>& plan);
    boost::asio::awaitable<void> act(scheduled_action what);
    boost::asio::awaitable<void> watch(std::size_t total, std::function<void()> observe);
    boost::asio::awaitable<void> ask(std::size_t index);
    boost::asio::awaitable<response> exchange(
        std::size_t peer, std::string text, request_record& record);
    boost::asio::awaitable<response> converse(
        std::size_t peer, connection client, std::string text, request_record& record);
    std::string request_text(const planned_request& plan, std::size_t peer) const;
    void judge(request_record& record, const response& answer) const;

    boost::asio::io_context context_;
    std::vector<boost::asio::ip::tcp::endpoint> peers_;
    const std::vector<support::demo_file>& site_;
    std::string origin_;
    std::vector<scheduled_action> actions_;
    std::vector<bool> killed_;
    std::vector<std::vector<connection>> idle_;  // by peer
    std::vector<request_record> records_;
    std::size_t ended_ = 0;
    crowd_clock::time_point start_;
};

}  // namespace bench
