#include "proxy/crew.hpp"

#include "proxy/config_reload.hpp"
#include "proxy/net/listener.hpp"
#include "proxy/net/session.hpp"

#include <spdlog/spdlog.h>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <exception>
#include <utility>

namespace proxy {
namespace {

connection_gate::rules gate_rules(
    const settings& values, std::vector<address_block> allowed, std::size_t crews)
{
    return {std::move(allowed),
        values.limit.client_connections / crews,
        values.limit.connections_per_address};
}

// Keeps the place at the gate as long as the session runs.
awaitable<void> with_lease(std::unique_ptr<connection_gate::lease> place, awaitable<void> session)
{
    static_cast<void>(place);
    co_await std::move(session);
}

std::unique_ptr<connection_gate::lease> admit(
    connection_gate& gate, const asio::ip::tcp::socket& socket)
{
    error_code error;
    const asio::ip::tcp::endpoint remote = socket.remote_endpoint(error);
    return error ? nullptr : gate.admit(remote.address());
}

error_code listen_on(asio::io_context& context,
    const asio::ip::tcp::endpoint& where,
    listener_kind kind,
    std::vector<asio::ip::tcp::acceptor>& listeners)
{
    result<asio::ip::tcp::acceptor> opened = open_listener(context, where, kind);
    if (!opened) {
        return opened.error();
    }
    listeners.push_back(std::move(*opened));
    return {};
}

}  // namespace

void report_failed_task(const std::exception_ptr& thrown)
{
    try {
        std::rethrow_exception(thrown);
    } catch (const std::exception& error) {
        spdlog::error("a task failed: {}", error.what());
    }
}

crew::crew(
    unsigned number, const upstream_settings& upstreams, const settings& values, std::size_t crews)
    : here_{number, upstreams, report_failed_task},
      client_gate_{gate_rules(values, values.allow_client, crews)},
      peer_gate_{gate_rules(values, {}, crews)}
{
    here_.rules = std::make_shared<const live_rules>(live_rules_of(values));
}

boost::system::error_code crew::listen_for_clients(const asio::ip::tcp::endpoint& where)
{
    return listen_on(here_.context, where, {true}, clients_);
}

boost::system::error_code crew::listen_for_peers(const asio::ip::tcp::endpoint& where)
{
    return listen_on(here_.context, where, of_peers, peers_);
}

void crew::start(services& shared)
{
    shared_ = &shared;
    here_.tasks.spawn(here_.deadlines.run());
    for (asio::ip::tcp::acceptor& clients : clients_) {
        here_.tasks.spawn(accept_loop(
            clients, [this](asio::ip::tcp::socket socket) { serve_client(std::move(socket)); }));
    }
    for (asio::ip::tcp::acceptor& peers : peers_) {
        here_.tasks.spawn(accept_loop(
            peers, [this](asio::ip::tcp::socket socket) { serve_peer(std::move(socket)); }));
    }
    thread_ = std::thread{[this] { here_.context.run(); }};
}

void crew::apply(std::shared_ptr<const live_rules> rules)
{
    asio::post(here_.context, [this, rules = std::move(rules)] {
        client_gate_.allow(rules->allow_client);
        if (rules->allow_target != here_.rules->allow_target) {
            here_.origin_and_peers.allow_targets(rules->allow_target);
        }
        here_.rules = rules;
    });
}

void crew::serve_client(asio::ip::tcp::socket socket)
{
    if (auto place = admit(client_gate_, socket)) {
        here_.tasks.spawn(
            with_lease(std::move(place), run_session(*shared_, here_, std::move(socket))));
    }
}

void crew::serve_peer(asio::ip::tcp::socket socket)
{
    if (auto place = admit(peer_gate_, socket)) {
        here_.tasks.spawn(
            with_lease(std::move(place), run_peer_session(*shared_, here_, std::move(socket))));
    }
}

void crew::drain(std::chrono::seconds patience, std::function<void()> done)
{
    asio::post(here_.context, [this, patience, done = std::move(done)]() mutable {
        error_code ignored;
        for (asio::ip::tcp::acceptor& clients : clients_) {
            clients.close(ignored);
        }
        for (asio::ip::tcp::acceptor& peers : peers_) {
            peers.close(ignored);
        }
        here_.deadlines.drain();
        winding_down_ =
            std::make_unique<task_set>(here_.context.get_executor(), report_failed_task);
        winding_down_->spawn(wind_down(patience, std::move(done)));
    });
}

// Ends when only the deadlines' own task is left, or when the time is over.
awaitable<void> crew::wind_down(std::chrono::seconds patience, std::function<void()> done)
{
    asio::steady_timer pause(co_await asio::this_coro::executor);
    const auto end = std::chrono::steady_clock::now() + patience;
    int rounds = 0;
    while (here_.tasks.size() > 1 && std::chrono::steady_clock::now() < end) {
        if (++rounds % 50 == 0) {
            spdlog::info("worker {} still has {} connections and fetches under way",
                here_.number,
                here_.tasks.size() - 1);
        }
        pause.expires_after(std::chrono::milliseconds(20));
        co_await pause.async_wait(use_tuple);
    }
    here_.tasks.cancel();
    co_await here_.tasks.join();
    done();
}

void crew::stop()
{
    // Idle connections to origins would keep it running until their time is over.
    here_.context.stop();
    thread_.join();
    here_.context.restart();
    here_.context.poll();
}

}  // namespace proxy
