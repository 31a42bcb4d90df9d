#include "proxy/server.hpp"

#include "cache/policy/cache_key.hpp"
#include "cache/store/rocksdb_store.hpp"
#include "proxy/admin/access_log.hpp"
#include "proxy/admin/admin_routes.hpp"
#include "proxy/admin/node_report.hpp"
#include "proxy/crew.hpp"
#include "proxy/identity.hpp"
#include "proxy/look.hpp"
#include "proxy/net/access.hpp"
#include "proxy/net/listener.hpp"
#include "proxy/net/plain_session.hpp"
#include "proxy/net/services.hpp"
#include "proxy/net/tls.hpp"

#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/signal_set.hpp>

#include <unistd.h>
#include <array>
#include <csignal>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace proxy {
namespace {

constexpr unsigned storage_threads = 4;
constexpr std::chrono::seconds drain_time{30};
constexpr int tries_for_a_free_pair = 16;

// What prevented the start, in words for the operator.
struct start_failure
{
    std::string text;
};

std::string to_text(const asio::ip::tcp::endpoint& where)
{
    const std::string address = where.address().to_string();
    return where.address().is_v6() ? fmt::format("[{}]:{}", address, where.port())
                                   : fmt::format("{}:{}", address, where.port());
}

asio::ip::tcp::endpoint tcp(const host_port& where)
{
    return {where.address, where.port};
}

class server
{
public:
    explicit server(const settings& values);

    int run();

private:
    void open_client_port();
    void open_peer_port();
    void open_admin_port();
    void open_store(cache::store_folder folder);
    upstream_settings upstreams() const;
    std::size_t crew_count() const;
    void make_crews();
    void serve_admin(asio::ip::tcp::socket socket);
    awaitable<plain_response> answer_on_admin(const http1::request_head& request);
    void tell_ready() const;
    awaitable<void> wait_for_signal();
    void stop_crews();
    node_report look() const;

    const settings values_;
    identity self_;
    asio::io_context control_{1};  // signals and the admin port, on the main thread
    // From the first moment on: a signal that comes before we wait for it must drain all the same.
    asio::signal_set signals_{control_, SIGINT, SIGTERM};
    deadline_list admin_deadlines_{control_.get_executor()};
    task_set admin_tasks_{control_.get_executor(), report_failed_task};
    std::optional<asio::ip::tcp::acceptor> admin_;
    std::atomic<bool> draining_ = false;
    std::atomic<store_state> store_state_ = store_state::opening;
    const std::chrono::system_clock::time_point started_ = std::chrono::system_clock::now();
    access_log access_log_{values_.access_log, crew_count(), STDOUT_FILENO};

    std::shared_ptr<asio::ssl::context> tls_ = make_origin_tls_context({});
    target_rules targets_;
    cache::memory_tier memory_;
    storage_pool storage_{storage_threads};
    flight_table flights_;
    node_memory remembered_;
    std::unique_ptr<dht::udp_transport> transport_;
    std::optional<index> index_;
    asio::ip::tcp::endpoint client_where_;  // with the real ports
    asio::ip::tcp::endpoint peer_where_;
    asio::ip::tcp::endpoint admin_where_;
    // Keep the ports that were picked until every worker listens on them.
    std::optional<asio::ip::tcp::acceptor> client_place_;
    std::optional<asio::ip::tcp::acceptor> peer_place_;
    std::optional<services> shared_;
    std::vector<std::unique_ptr<crew>> crews_;
    std::atomic<std::size_t> crews_drained_ = 0;
};

template <class T>
T must(boost::system::result<T> got, const std::string& what)
{
    if (!got) {
        throw start_failure{what + ": " + got.error().message()};
    }
    return std::move(*got);
}

asio::ip::tcp::acceptor listen_on(
    asio::io_context& context, const asio::ip::tcp::endpoint& where, const char* flag)
{
    return must(open_listener(context, where, true),
        fmt::format("cannot listen on {} ({})", to_text(where), flag));
}

void require(const error_code& error, const char* what)
{
    if (error) {
        throw start_failure{fmt::format("{}: {}", what, error.message())};
    }
}

// A second process on our port would share our clients with us (SO_REUSEPORT): found out by a bind
// without it.
void require_free(asio::io_context& context, const asio::ip::tcp::endpoint& where, const char* flag)
{
    if (const error_code error = probe_port(context, where)) {
        throw start_failure{
            fmt::format("cannot listen on {} ({}): {}", to_text(where), flag, error.message())};
    }
}

// Tables of foreign keys are keyed anew in each process, so that nobody can aim for collisions.
void set_fresh_hash_secret()
{
    std::array<std::uint8_t, 16> secret{};
    std::random_device random;
    for (std::uint8_t& octet : secret) {
        octet = static_cast<std::uint8_t>(random());
    }
    cache::set_hash_secret(secret);
}

std::unique_ptr<dht::udp_transport> open_transport(const dht::udp_transport::settings& wanted)
{
    try {
        return std::make_unique<dht::udp_transport>(wanted);
    } catch (const boost::system::system_error& error) {
        throw start_failure{fmt::format("cannot use the UDP port of {} (--peer): {}",
            to_text({wanted.bind.address, wanted.bind.port}),
            error.code().message())};
    }
}

target_rules rules_for_targets(const settings& values)
{
    return {values.suffix, values.origins};
}

server::server(const settings& values)
    : values_{values},
      self_{must(
          load_identity(values.state), "cannot use the state folder " + values.state.string())},
      targets_{rules_for_targets(values)},
      memory_{values.memory_octets},
      flights_{{values.limit.flight_window_octets, values.limit.memory_object_octets}}
{
    set_fresh_hash_secret();
    auto folder = must(cache::store_folder::acquire(values.store),
        "cannot use the store folder " + values.store.string());
    open_client_port();
    if (values.use_peers) {
        open_peer_port();
    }
    open_admin_port();
    shared_.emplace(services{values_,
        self_.pseudonym,
        targets_,
        memory_,
        storage_,
        flights_,
        remembered_,
        index_ ? &*index_ : nullptr,
        values_.peer.address.is_loopback(),
        {},
        [this](unsigned number, const log_record& record) { access_log_.record(number, record); },
        draining_});
    const asio::ip::tcp::endpoint reached =
        values_.advertise ? tcp(*values_.advertise) : peer_where_;
    shared_->own_peer = {
        reached.address(), reached.port() != 0 ? reached.port() : peer_where_.port()};
    make_crews();
    open_store(std::move(folder));
}

void server::open_client_port()
{
    require_free(control_, tcp(values_.client), "--client");
    client_place_ = listen_on(control_, tcp(values_.client), "--client");
    client_where_ = client_place_->local_endpoint();
}

// UDP for the index and TCP for bodies share one number. With port 0 the system picks one for UDP
// and we look whether it is free for TCP too.
void server::open_peer_port()
{
    require_free(control_, tcp(values_.peer), "--peer");
    dht::udp_transport::settings wanted;
    wanted.bind = {values_.peer.address, values_.peer.port};
    if (values_.advertise) {
        wanted.advertise = dht::endpoint{values_.advertise->address, values_.advertise->port};
    }
    wanted.network = values_.network;
    wanted.level_bounds = values_.level_bounds;
    wanted.plain_krpc = values_.plain_krpc;
    wanted.swarm = dht::swarm_ring::of(values_.swarm_keys).value();
    wanted.contacts_file = values_.state / "contacts";
    for (const host_port& seed : values_.join) {
        wanted.seeds.push_back({seed.address, seed.port});
    }
    for (int tries = 0; !peer_place_; ++tries) {
        transport_ = open_transport(wanted);
        const asio::ip::tcp::endpoint where{
            values_.peer.address, transport_->local_endpoint().port};
        const error_code taken = probe_port(control_, where);
        if (!taken || tries == tries_for_a_free_pair) {
            peer_place_ = listen_on(control_, where, "--peer");
        }
    }
    peer_where_ = peer_place_->local_endpoint();
    if (const auto told = complaint_of_buffer(*transport_)) {
        spdlog::info(*told);
    }
    index_.emplace(*transport_, values_.network, wanted.swarm);
    if (!values_.peer.address.is_loopback()) {
        spdlog::warn(
            "peers beyond this machine may only exchange content that is verified by a digest; "
            "everything "
            "else is fetched from its origin");
    }
}

void server::open_admin_port()
{
    require_free(control_, tcp(values_.admin), "--admin");
    admin_ = must(open_listener(control_, tcp(values_.admin), false),
        fmt::format("cannot listen on {} (--admin)", to_text(tcp(values_.admin))));
    admin_where_ = admin_->local_endpoint();
}

// Behind the listeners: until it is open the node passes everything through.
void server::open_store(cache::store_folder folder)
{
    cache::store_options options;
    options.quota_octets = values_.store_octets;
    options.on_trouble = [](const error_code& reason) {
        if (reason) {
            spdlog::error("the store is passed by until its disk recovers: {}", reason.message());
        } else {
            spdlog::info("the store is used again");
        }
    };
    const auto held = std::make_shared<cache::store_folder>(std::move(folder));
    storage_.open([held, options] { return cache::rocksdb_store::open(std::move(*held), options); },
        [this](const error_code& error) {
            store_state_.store(error ? store_state::failing : store_state::open);
            if (error) {
                spdlog::error(
                    "the store {} is not used: {}", values_.store.string(), error.message());
            } else {
                spdlog::info("store {} is open", values_.store.string());
                const std::uint64_t limit = storage_.usage().limit_octets;
                if (limit < values_.store_octets) {
                    spdlog::warn(
                        "the disk has room for a store of {} MiB only, not the {} MiB of "
                        "--store-size",
                        limit >> 20,
                        values_.store_octets >> 20);
                }
            }
        });
}

upstream_settings server::upstreams() const
{
    upstream_settings wanted;
    wanted.limit = values_.limit;
    wanted.egress.allow_target = values_.allow_target;
    for (const asio::ip::tcp::endpoint& own : {client_where_, peer_where_, admin_where_}) {
        if (own.port() != 0) {
            wanted.egress.own_listeners.push_back({own.address(), own.port()});
        }
    }
    wanted.own_peer_address = values_.peer.address;
    wanted.tls = tls_;
    return wanted;
}

std::size_t server::crew_count() const
{
    return values_.threads != 0 ? values_.threads
                                : std::max(1U, std::thread::hardware_concurrency());
}

void server::make_crews()
{
    for (unsigned number = 0; number < crew_count(); ++number) {
        auto one = std::make_unique<crew>(number, upstreams(), values_, crew_count());
        require(one->listen_for_clients(client_where_), "cannot listen for clients");
        if (peer_place_) {
            require(one->listen_for_peers(peer_where_), "cannot listen for peers");
        }
        crews_.push_back(std::move(one));
    }
    // The system spreads connections over all sockets that listen: ours that only kept the place
    // must go.
    client_place_.reset();
    peer_place_.reset();
}

void server::serve_admin(asio::ip::tcp::socket socket)
{
    const auto answer = [this](const http1::request_head& request) {
        return answer_on_admin(request);
    };
    admin_tasks_.spawn(
        run_plain_session(std::move(socket), admin_deadlines_, values_.limit, answer));
}

awaitable<plain_response> server::answer_on_admin(const http1::request_head& request)
{
    const host_port listener{admin_where_.address(), admin_where_.port()};
    const std::optional<lookup_question> question = asked_lookup(request, listener);
    if (!question) {
        const auto look_now = [this] { return look(); };
        co_return answer_admin(request, listener, look_now);
    }
    awaitable<plain_response> answering =
        answer_lookup(*question, index_ ? &*index_ : nullptr, targets_);
    plain_response page = co_await std::move(answering);
    co_return page;
}

void server::tell_ready() const
{
    const std::string peers = peer_where_.port() != 0 ? to_text(peer_where_) : "none";
    spdlog::info("{} keeps {} on disk and {} in memory",
        self_.pseudonym,
        values_.store_octets,
        values_.memory_octets);
    fmt::print(stderr,
        "atoll: ready client={} peer={} admin={}\n",
        to_text(client_where_),
        peers,
        to_text(admin_where_));
    std::fflush(stderr);
}

int server::run()
{
    if (transport_) {
        transport_->start();
    }
    for (const auto& one : crews_) {
        one->start(*shared_);
    }
    admin_tasks_.spawn(admin_deadlines_.run());
    admin_tasks_.spawn(accept_loop(
        *admin_, [this](asio::ip::tcp::socket socket) { serve_admin(std::move(socket)); }));
    tell_ready();
    admin_tasks_.spawn(wait_for_signal());
    control_.run();
    stop_crews();
    return 0;
}

awaitable<void> server::wait_for_signal()
{
    const auto [error, number] = co_await signals_.async_wait(use_tuple);
    if (error) {
        co_return;
    }
    spdlog::info("{}: finishing what runs, at most {} s",
        number == SIGINT ? "interrupted" : "terminated",
        drain_time.count());
    draining_.store(true);
    if (transport_) {
        transport_->withdraw_all();
    }
    for (const auto& one : crews_) {
        one->drain(drain_time, [this] {
            if (++crews_drained_ == crews_.size()) {
                asio::post(control_, [this] { control_.stop(); });
            }
        });
    }
    // A second signal ends it at once.
    const auto [second_error, second] = co_await signals_.async_wait(use_tuple);
    static_cast<void>(second);
    if (!second_error) {
        spdlog::warn("interrupted again: ending at once");
        std::_Exit(1);
    }
}

void server::stop_crews()
{
    for (const auto& one : crews_) {
        one->stop();
    }
    // From within the context: a cancellation that is only queued may find its operation finished
    // and its socket closed.
    asio::post(control_, [this] { admin_tasks_.cancel(); });
    control_.restart();
    control_.run();
    admin_.reset();
    if (transport_) {
        transport_->stop();
    }
    storage_.stop();
    spdlog::info("ended");
}

node_report server::look() const
{
    node_report report;
    report.pseudonym = self_.pseudonym;
    report.network = values_.network;
    report.suffix = values_.suffix;
    report.started = started_;
    report.uptime = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::system_clock::now() - started_);
    report.client = {client_where_.address(), client_where_.port()};
    report.peer = {peer_where_.address(), peer_where_.port()};
    report.admin = {admin_where_.address(), admin_where_.port()};
    report.advertised = values_.advertise;
    report.draining = draining_.load();
    report.dropped_log_lines = access_log_.dropped();
    report.store = look_at(storage_, store_state_.load(), values_.store_octets);
    report.memory = look_at(memory_);
    if (transport_) {
        report.index = look_at(*transport_);
    }
    std::vector<const counters*> all;
    for (const auto& one : crews_) {
        all.push_back(&one->count());
        report.client_connections += one->client_connections();
    }
    report.count = add_up(all);
    return report;
}

}  // namespace

int run_server(const settings& values)
{
    spdlog::set_default_logger(spdlog::stderr_logger_mt("atoll"));
    spdlog::set_pattern("atoll: %^%l%$: %v");
    try {
        server one{values};
        return one.run();
    } catch (const start_failure& failure) {
        spdlog::error("{}", failure.text);
    } catch (const boost::system::system_error& failure) {
        spdlog::error("cannot start: {}", failure.what());
    }
    return 1;
}

}  // namespace proxy
