#pragma once

#include "tests/support/process.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <memory>

namespace support {

// The program under test: $ATOLL_PROGRAM, else the one that was built beside the tests.
std::filesystem::path atoll_program();

struct atoll_peer_options
{
    std::filesystem::path program = atoll_program();
    std::filesystem::path directory;  // gets store/, state/ and the log; kept across restarts
    std::uint16_t client_port = 0;    // 0: the peer picks one
    std::uint16_t peer_port = 0;
    std::uint16_t admin_port = 0;
    std::vector<boost::asio::ip::tcp::endpoint> join;
    std::string network = "demo";
    bool use_peers = true;
    bool allow_loopback_targets = true;
    std::string store_size = "256MiB";
    std::string memory = "64MiB";
    std::vector<std::string> more_arguments;
    std::vector<std::string> environment;
    std::chrono::milliseconds patience = std::chrono::seconds(30);  // until it listens
};

// What starts that peer, for a test that expects the start to fail.
command command_for(const atoll_peer_options& options);

// One `atoll run`. Ends with the object.
class atoll_peer
{
public:
    using endpoint = boost::asio::ip::tcp::endpoint;

    // Returns when the peer says that it listens; throws std::runtime_error with its log when it
    // does not.
    explicit atoll_peer(const atoll_peer_options& options);

    const endpoint& client() const { return client_; }
    const endpoint& peer() const { return peer_; }
    const endpoint& peer6() const { return peer6_; }  // port 0 unless asked for
    const endpoint& admin() const { return admin_; }
    process& program() { return *process_; }
    std::string log() const { return process_->log(); }

    // From the start of the process to its line that says it listens.
    std::chrono::milliseconds time_to_listen() const { return time_to_listen_; }

    // GET of the admin port; the body, or "" on any failure.
    std::string admin_page(std::string_view path) const;
    // One value of /metrics, for example atoll_requests_total{source="memory"}; 0 if it is not
    // there.
    double metric(std::string_view name_and_labels) const;

private:
    std::unique_ptr<process> process_;
    endpoint client_;
    endpoint peer_;
    endpoint peer6_;
    endpoint admin_;
    std::chrono::milliseconds time_to_listen_{};
};

}  // namespace support
