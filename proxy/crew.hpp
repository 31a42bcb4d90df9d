// One worker with its thread and the sockets it listens on.

#pragma once

#include "proxy/config.hpp"
#include "proxy/net/connection_gate.hpp"
#include "proxy/net/services.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <thread>

namespace proxy {

// Connections are born and die here. Its functions are for the thread that owns it (the main one)
// unless they say otherwise.
class crew
{
public:
    crew(unsigned number,
        const upstream_settings& upstreams,
        const settings& values,
        std::size_t crews);

    // Beside the other crews, on ports that were found free.
    boost::system::error_code listen_for_clients(const asio::ip::tcp::endpoint& where);
    boost::system::error_code listen_for_peers(const asio::ip::tcp::endpoint& where);

    // shared outlives the crew.
    void start(services& shared);

    // For what begins from now on; connections stay.
    void apply(std::shared_ptr<const live_rules> rules);

    // Stops accepting, ends idle connections, waits for the others at most so long and then ends
    // them. done is called on the crew's thread.
    void drain(std::chrono::seconds patience, std::function<void()> done);

    // After drain() was done: joins the thread.
    void stop();

    const counters& count() const { return here_.count; }                   // for any thread
    std::size_t client_connections() const { return client_gate_.open(); }  // for any thread

private:
    void serve_client(asio::ip::tcp::socket socket);
    void serve_peer(asio::ip::tcp::socket socket);
    awaitable<void> wind_down(std::chrono::seconds patience, std::function<void()> done);

    worker here_;
    connection_gate client_gate_;
    connection_gate peer_gate_;
    // Complete before start(): tasks refer to them.
    std::vector<asio::ip::tcp::acceptor> clients_;
    std::vector<asio::ip::tcp::acceptor> peers_;
    services* shared_ = nullptr;
    std::unique_ptr<task_set> winding_down_;  // apart from the tasks that it waits for
    std::thread thread_;
};

// Logs what a task threw: the barrier behind every session and fetch.
void report_failed_task(const std::exception_ptr& thrown);

}  // namespace proxy
