#include "proxy/server.hpp"

#include "cache/policy/cache_key.hpp"
#include "cache/store/rocksdb_store.hpp"
#include "proxy/admin/access_log.hpp"
#include "proxy/admin/admin_routes.hpp"
#include "proxy/admin/lookup_json.hpp"
#include "proxy/admin/node_report.hpp"
#include "proxy/admin_questions.hpp"
#include "proxy/config_reload.hpp"
#include "proxy/crew.hpp"
#include "proxy/identity.hpp"
#include "proxy/look.hpp"
#include "proxy/net/access.hpp"
#include "proxy/net/listener.hpp"
#include "proxy/net/plain_session.hpp"
#include "proxy/net/services.hpp"
#include "proxy/net/tls.hpp"
#include "proxy/ports.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
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

class server
{
public:
    server(const settings& values, settings_reader again);

    int run();

private:
    void open_client_port();
    void open_peer_ports();
    bool is_among_ourselves() const;
    void open_admin_port();
    void open_store(cache::store_folder folder);
    upstream_settings upstreams() const;
    std::size_t crew_count() const;
    void make_crews();
    void serve_admin(asio::ip::tcp::socket socket);
    awaitable<plain_response> answer_on_admin(const http1::request_head& request);
    void tell_ready() const;
    awaitable<void> wait_for_signal();
    awaitable<void> wait_for_hangup();
    plain_response reload();
    void stop_crews();
    node_report look() const;

    settings values_;  // those that are in force
    const settings_reader read_again_;
    identity self_;
    asio::io_context control_{1};  // signals and the admin port, on the main thread
    // From the first moment on: a signal that comes before we wait for it must drain all the same.
    asio::signal_set signals_{control_, SIGINT, SIGTERM};
    asio::signal_set hangup_{control_, SIGHUP};
    deadline_list admin_deadlines_{control_.get_executor()};
    task_set admin_tasks_{control_.get_executor(), report_failed_task};
    std::optional<asio::ip::tcp::acceptor> admin_;
    std::atomic<bool> draining_ = false;
    std::atomic<store_state> store_state_ = store_state::opening;
    const std::chrono::system_clock::time_point started_ = std::chrono::system_clock::now();
    access_log access_log_{values_.access_log, crew_count(), STDOUT_FILENO};

    std::shared_ptr<asio::ssl::context> tls_ = make_origin_tls_context({});
    cache::memory_tier memory_;
    storage_pool storage_{storage_threads};
    flight_table flights_;
    node_memory remembered_;
    cache::past_purges purges_;
    peer_ports peers_;  // none with --no-peers
    std::optional<index> index_;
    asio::ip::tcp::endpoint client_where_;  // with the real ports
    asio::ip::tcp::endpoint admin_where_;
    std::optional<asio::ip::tcp::acceptor> client_place_;  // until every worker listens on it
    std::optional<services> shared_;
    std::vector<std::unique_ptr<crew>> crews_;
    std::atomic<std::size_t> crews_drained_ = 0;
};

void require(const error_code& error, const char* what)
{
    if (error) {
        throw start_failure{fmt::format("{}: {}", what, error.message())};
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

server::server(const settings& values, settings_reader again)
    : values_{values},
      read_again_{std::move(again)},
      self_{must(
          load_identity(values.state), "cannot use the state folder " + values.state.string())},
      memory_{values.memory_octets},
      flights_{{values.limit.flight_window_octets, values.limit.memory_object_octets}}
{
    set_fresh_hash_secret();
    auto folder = must(cache::store_folder::acquire(values.store),
        "cannot use the store folder " + values.store.string());
    open_client_port();
    if (values.use_peers) {
        open_peer_ports();
    }
    open_admin_port();
    shared_.emplace(services{values_,
        self_.pseudonym,
        memory_,
        storage_,
        flights_,
        remembered_,
        purges_,
        index_ ? &*index_ : nullptr,
        is_among_ourselves(),
        {},
        [this](unsigned number, const log_record& record) { access_log_.record(number, record); },
        draining_});
    shared_->own_peers = reached_at(peers_, values_);
    make_crews();
    open_store(std::move(folder));
}

void server::open_client_port()
{
    require_free(control_, tcp(values_.client), "--client");
    client_place_ = listen_on(control_, tcp(values_.client), "--client", {true});
    client_where_ = client_place_->local_endpoint();
}

void server::open_peer_ports()
{
    const dht::swarm_ring swarm = dht::swarm_ring::of(values_.swarm_keys).value();
    peers_ = proxy::open_peer_ports(control_, values_, swarm);
    if (const auto told = complaint_of_buffer(*peers_.transport)) {
        spdlog::info(*told);
    }
    index_.emplace(*peers_.transport, values_.network, swarm);
    if (!is_among_ourselves()) {
        spdlog::warn(
            "peers beyond this machine may only exchange content that is verified by a digest; "
            "everything "
            "else is fetched from its origin");
    }
}

// Nobody on another machine can reach our peer ports.
bool server::is_among_ourselves() const
{
    return values_.peer.address.is_loopback() &&
           (!values_.peer6 || values_.peer6->address.is_loopback());
}

void server::open_admin_port()
{
    require_free(control_, tcp(values_.admin), "--admin");
    admin_ = must(open_listener(control_, tcp(values_.admin), {}),
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
    std::vector<asio::ip::tcp::endpoint> own = peers_.where;
    own.insert(own.end(), {client_where_, admin_where_});
    for (const asio::ip::tcp::endpoint& one : own) {
        wanted.egress.own_listeners.push_back({one.address(), one.port()});
    }
    wanted.own_peer_addresses = {values_.peer.address};
    if (values_.peer6) {
        wanted.own_peer_addresses.push_back(values_.peer6->address);
    }
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
        for (const asio::ip::tcp::endpoint& where : peers_.where) {
            require(one->listen_for_peers(where), "cannot listen for peers");
        }
        crews_.push_back(std::move(one));
    }
    // The system spreads connections over all sockets that listen: ours that only kept the place
    // must go.
    client_place_.reset();
    peers_.places.clear();
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
    const live_rules rules = live_rules_of(values_);  // a reload may come while we answer
    const std::optional<purge_question> to_purge = asked_purge(request, listener);
    if (to_purge) {
        awaitable<plain_response> purging = answer_purge(*to_purge, *shared_, rules.targets);
        plain_response page = co_await std::move(purging);
        co_return page;
    }
    const std::optional<refused_action> to_reload = asked_reload(request, listener);
    if (to_reload) {
        co_return to_reload->status == 200 ? reload() : refuse_action(*to_reload);
    }
    const std::optional<lookup_question> question = asked_lookup(request, listener);
    if (!question) {
        const auto look_now = [this] { return look(); };
        co_return answer_admin(request, listener, look_now);
    }
    awaitable<plain_response> answering =
        answer_lookup(*question, index_ ? &*index_ : nullptr, rules.targets);
    plain_response page = co_await std::move(answering);
    co_return page;
}

void server::tell_ready() const
{
    const std::string peers = peers_.where.empty() ? "none" : to_text(peers_.where.front());
    const std::string also =
        peers_.where.size() > 1 ? " peer6=" + to_text(peers_.where.back()) : std::string{};
    spdlog::info("{} keeps {} on disk and {} in memory",
        self_.pseudonym,
        values_.store_octets,
        values_.memory_octets);
    fmt::print(stderr,
        "atoll: ready client={} peer={}{} admin={}\n",
        to_text(client_where_),
        peers,
        also,
        to_text(admin_where_));
    std::fflush(stderr);
}

int server::run()
{
    if (peers_.transport) {
        peers_.transport->start();
    }
    for (const auto& one : crews_) {
        one->start(*shared_);
    }
    admin_tasks_.spawn(admin_deadlines_.run());
    admin_tasks_.spawn(accept_loop(
        *admin_, [this](asio::ip::tcp::socket socket) { serve_admin(std::move(socket)); }));
    tell_ready();
    admin_tasks_.spawn(wait_for_signal());
    admin_tasks_.spawn(wait_for_hangup());
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
    if (peers_.transport) {
        peers_.transport->withdraw_all();
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

awaitable<void> server::wait_for_hangup()
{
    while (true) {
        const auto [error, number] = co_await hangup_.async_wait(use_tuple);
        static_cast<void>(number);
        if (error) {
            co_return;
        }
        reload();
    }
}

// What cannot be read leaves everything as it is.
plain_response server::reload()
{
    const auto wanted = read_again_();
    if (!wanted) {
        std::string why;
        for (const config_error& error : wanted.error()) {
            spdlog::error("the configuration stays as it is: {}", to_string(error));
            why.append(why.empty() ? "" : "; ").append(to_string(error));
        }
        return json_error(400, why);
    }
    const reload_plan plan = compare(values_, *wanted);
    values_ = merge(values_, *wanted);
    const auto rules = std::make_shared<const live_rules>(live_rules_of(values_));
    for (const auto& one : crews_) {
        one->apply(rules);
    }
    spdlog::info("configuration read again: changed [{}], needs a restart [{}]",
        fmt::join(plan.changes, ", "),
        fmt::join(plan.need_restart, ", "));
    return reload_page(plan);
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
    if (peers_.transport) {
        peers_.transport->stop();
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
    if (!peers_.where.empty()) {
        report.peer = {peers_.where[0].address(), peers_.where[0].port()};
    }
    if (peers_.where.size() > 1) {
        report.peer6 = host_port{peers_.where[1].address(), peers_.where[1].port()};
    }
    report.admin = {admin_where_.address(), admin_where_.port()};
    report.advertised = values_.advertise;
    report.advertised6 = values_.advertise6;
    report.draining = draining_.load();
    report.dropped_log_lines = access_log_.dropped();
    report.store = look_at(storage_, store_state_.load(), values_.store_octets);
    report.memory = look_at(memory_);
    if (peers_.transport) {
        report.index = look_at(*peers_.transport);
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

int run_server(const settings& values, const settings_reader& again)
{
    spdlog::set_default_logger(spdlog::stderr_logger_mt("atoll"));
    spdlog::set_pattern("atoll: %^%l%$: %v");
    try {
        server one{values, again};
        return one.run();
    } catch (const start_failure& failure) {
        spdlog::error("{}", failure.text);
    } catch (const boost::system::system_error& failure) {
        spdlog::error("cannot start: {}", failure.what());
    }
    return 1;
}

}  // namespace proxy
