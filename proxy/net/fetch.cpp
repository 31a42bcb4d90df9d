#include "proxy/net/fetch.hpp"

#include "cache/policy/age.hpp"
#include "cache/policy/reuse.hpp"
#include "cache/policy/sharing.hpp"
#include "cache/policy/storability.hpp"
#include "cache/policy/validation.hpp"
#include "proxy/core/forwarding.hpp"
#include "proxy/net/early_connection.hpp"
#include "proxy/net/fetch_request.hpp"
#include "proxy/net/fill.hpp"
#include "proxy/net/peer_search.hpp"
#include "proxy/net/services.hpp"
#include "proxy/net/wall_clock.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

namespace proxy {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

milliseconds since(steady_clock::time_point start)
{
    return std::chrono::duration_cast<milliseconds>(steady_clock::now() - start);
}

// One fetch from its first step to the last octet.
class fetch
{
public:
    fetch(services& shared, worker& here, std::shared_ptr<flight> into, fetch_order order)
        : shared_{shared},
          here_{here},
          flight_{std::move(into)},
          order_{std::move(order)},
          exchange_{plan()},
          peers_{shared_, here_, order_.key}
    {
    }
    ~fetch();
    fetch(const fetch&) = delete;
    fetch& operator=(const fetch&) = delete;

    awaitable<void> run();

private:
    // A step of the exchange, or nothing when the response was delivered.
    using next_step = std::optional<fetch_step>;

    fetch_plan plan() const;
    bool uses_peers() const { return order_.plain && shared_.peers != nullptr; }

    awaitable<void> take_steps();
    awaitable<void> stay_announced();
    awaitable<fetch_step> find_peers();
    awaitable<fetch_step> find_others();
    awaitable<next_step> ask_peer();
    awaitable<next_step> ask_origin();
    awaitable<result<upstream_connection>> connect_to_origin(bool allow_reuse);
    awaitable<result<http1::response_head>> ask(
        upstream_connection& connection, const std::string& request);
    awaitable<result<http1::response_head>> head_of_peer(
        upstream_connection& connection, milliseconds budget);

    awaitable<void> deliver(
        upstream_connection connection, http1::response_head head, fetch_source source);
    bool was_purged(const http1::response_head& head) const;
    bool answered_about_another(const http1::response_head& head) const;
    awaitable<void> use_validated(http1::response_head head);
    void use_stale();
    void announce_complete(const cache::freshness& fresh);
    void withdraw();
    void leave_table();

    services& shared_;
    worker& here_;
    std::shared_ptr<flight> flight_;
    fetch_order order_;
    exchange exchange_;
    peer_search peers_;
    std::shared_ptr<early_connection> early_;
    cache::wall_time request_time_{};
    fetch_failure failure_ = given_up;
    bool canonical_ = false;  // the request goes out in canonical form
    bool announced_ = false;
};

// However a fetch ends, also when it is cancelled in the middle, nobody is left waiting and no
// pointer stays.
fetch::~fetch()
{
    leave_table();
    const flight_state state = flight_->state();
    if (state == flight_state::waiting) {
        flight_->fail(failure_);
    } else if (state == flight_state::streaming) {
        flight_->break_off();
    } else {
        return;
    }
    withdraw();
}

fetch_plan fetch::plan() const
{
    fetch_plan plan;
    plan.ask_index = uses_peers();
    plan.may_use_stale = order_.stale_if_failed;
    plan.peer_candidates = shared_.config.limit.peer_candidates;
    plan.peer_budget = shared_.config.limit.lookup_maximum;
    return plan;
}

awaitable<void> fetch::run()
{
    using asio::experimental::awaitable_operators::operator||;
    if (uses_peers()) {
        co_await (take_steps() || stay_announced());
    } else {
        co_await take_steps();
    }
}

awaitable<void> fetch::take_steps()
{
    canonical_ = uses_peers();
    next_step step = exchange_.start();
    while (step) {
        switch (*step) {
        case fetch_step::find_peers: step = co_await find_peers(); break;
        case fetch_step::find_others: step = co_await find_others(); break;
        case fetch_step::ask_peer: step = co_await ask_peer(); break;
        case fetch_step::ask_origin: step = co_await ask_origin(); break;
        case fetch_step::use_stale:
            use_stale();
            step.reset();
            break;
        case fetch_step::fail:
            withdraw();
            leave_table();
            flight_->fail(failure_);
            step.reset();
            break;
        }
    }
}

// A pointer in flight lives for seconds and is renewed as long as the fetch lasts.
awaitable<void> fetch::stay_announced()
{
    asio::steady_timer timer(co_await asio::this_coro::executor);
    while (true) {
        timer.expires_after(shared_.config.limit.announce_in_flight / 2);
        const auto [error] = co_await timer.async_wait(use_tuple);
        if (error) {
            co_return;
        }
        if (announced_) {
            shared_.peers->announce(
                order_.key, dht::pointer_state::in_flight, shared_.config.limit.announce_in_flight);
        }
    }
}

awaitable<fetch_step> fetch::find_peers()
{
    const limits& limit = shared_.config.limit;
    early_ = std::make_shared<early_connection>(co_await asio::this_coro::executor);
    here_.tasks.spawn(early_connection::open(
        early_, here_.origin_and_peers, order_.origin, limit.lookup_minimum));
    const std::size_t found = co_await peers_.begin();
    early_->call_off();
    // From now on others find us: we are about to have it, from whomever (the 20-second pointer of
    // Coral).
    announced_ = true;
    shared_.peers->announce(order_.key, dht::pointer_state::in_flight, limit.announce_in_flight);
    co_return exchange_.peers_found(found);
}

awaitable<fetch_step> fetch::find_others()
{
    const auto start = steady_clock::now();
    const std::size_t others =
        co_await peers_.go_on(exchange_.peers_tried(), exchange_.peer_budget_left());
    co_return exchange_.others_found(others, since(start));
}

awaitable<fetch::next_step> fetch::ask_peer()
{
    const peer_candidate candidate = peers_.candidate(exchange_.peers_tried());
    const auto start = steady_clock::now();
    upstream_target where;
    where.peer = true;
    where.peer_address = candidate.where.address;
    where.port = candidate.where.port;
    request_time_ = wall_now();

    error_code error;
    result<upstream_connection> connection = co_await here_.origin_and_peers.acquire(where, true);
    if (!connection) {
        error = connection.error();
    } else {
        error = co_await connection->send(request_to_peer(order_, shared_.pseudonym));
    }
    if (!error) {
        result<http1::response_head> head =
            co_await head_of_peer(*connection, exchange_.peer_budget_left());
        if (head && head->status == 200 && !was_purged(*head)) {
            shared_.remembered.peer_answered(candidate.where);
            here_.count.add(counter::peer_fetch_ok);
            co_await deliver(std::move(*connection), std::move(*head), fetch_source::peer);
            co_return std::nullopt;
        }
        if (head) {
            // 504: it has lost the object, or is itself still asking around.
            shared_.remembered.peer_answered(candidate.where);
            here_.count.add(counter::peer_fetch_miss);
            co_return exchange_.peer_gave_nothing(peer_answer::miss, since(start));
        }
        error = head.error();
    }
    const bool silent =
        error == upstream_errc::first_byte_timeout || error == upstream_errc::connect_timeout;
    here_.count.add(silent ? counter::peer_fetch_timeout : counter::peer_fetch_failed);
    shared_.remembered.peer_failed(candidate.where, steady_clock::now());
    co_return exchange_.peer_gave_nothing(
        silent ? peer_answer::timeout : peer_answer::failed, since(start));
}

// The copy of a peer that has not heard of a purge. Ages are cut to whole seconds.
bool fetch::was_purged(const http1::response_head& head) const
{
    const std::chrono::seconds age =
        cache::received_age(head.fields).value_or(std::chrono::seconds{0});
    const cache::wall_time made = wall_now() - age - std::chrono::seconds{1};
    return shared_.purges.cover(order_.key.url(), head.fields, made);
}

awaitable<result<http1::response_head>> fetch::head_of_peer(
    upstream_connection& connection, milliseconds budget)
{
    const limits& limit = shared_.config.limit;
    milliseconds deadline = std::min(limit.peer_first_byte, budget);
    const auto end = steady_clock::now() + limit.origin_first_byte;
    while (true) {
        result<http1::response_head> head =
            co_await connection.read_head(boost::beast::http::verb::get, deadline);
        if (!head || head->status >= 200 || steady_clock::now() >= end) {
            co_return head;
        }
        // 102: it is fetching the object itself and says so each second. A slow origin is waited
        // for.
        deadline = limit.peer_interim + limit.peer_first_byte;
    }
}

awaitable<fetch::next_step> fetch::ask_origin()
{
    flight_->source_is(fetch_source::origin);
    const bool validating = order_.stale.has_value();
    error_code error;
    for (const bool allow_reuse : {true, false}) {
        request_time_ = wall_now();
        result<upstream_connection> connection = co_await connect_to_origin(allow_reuse);
        if (!connection) {
            error = connection.error();
            break;
        }
        here_.count.add(
            validating ? counter::origin_requests_revalidate : counter::origin_requests_fill);
        result<http1::response_head> head =
            co_await ask(*connection, request_to_origin(order_, canonical_, shared_.pseudonym));
        if (head) {
            const bool failing = cache::is_failure(head->status) && order_.stale_if_failed;
            if (failing) {
                co_return exchange_.origin_failed();
            }
            if (validating && head->status == 304) {
                here_.count.add(
                    counter::origin_octets_revalidate, connection->wire_octets_received());
                if (answered_about_another(*head)) {
                    order_.stale.reset();
                    order_.stale_if_failed = false;
                    co_return fetch_step::ask_origin;
                }
                connection->finish();
                co_await use_validated(std::move(*head));
                co_return std::nullopt;
            }
            if (canonical_ && cache::depends_on_dropped_field(head->fields)) {
                // The answer may differ with something that we left out: ask again as the client
                // did, and let every client do so from now on.
                shared_.remembered.remember_individual(order_.key, steady_clock::now());
                canonical_ = false;
                co_return fetch_step::ask_origin;
            }
            co_await deliver(std::move(*connection), std::move(*head), fetch_source::origin);
            co_return std::nullopt;
        }
        error = head.error();
        // A server may close an idle connection just when we use it (RFC 9112, section 9.3.1).
        if (!(connection->reused() && error == upstream_errc::closed_before_response)) {
            break;
        }
    }
    failure_ = failure_of(error);
    co_return exchange_.origin_failed();
}

awaitable<result<upstream_connection>> fetch::connect_to_origin(bool allow_reuse)
{
    if (allow_reuse && early_ && early_->begun()) {
        co_return co_await early_->take();
    }
    co_return co_await here_.origin_and_peers.acquire(order_.origin, allow_reuse);
}

awaitable<result<http1::response_head>> fetch::ask(
    upstream_connection& connection, const std::string& request)
{
    const error_code error = co_await connection.send(request);
    if (error) {
        co_return error;
    }
    while (true) {
        result<http1::response_head> head = co_await connection.read_head(
            boost::beast::http::verb::get, shared_.config.limit.origin_first_byte);
        if (!head || head->status >= 200) {
            co_return head;
        }
        // The 100 is between us and the origin.
        if (head->status != 100) {
            remove_hop_by_hop(head->fields);
            flight_->publish_interim({head->status, std::move(head->fields)});
        }
    }
}

awaitable<void> fetch::deliver(
    upstream_connection connection, http1::response_head head, fetch_source source)
{
    fill_order order{order_.key,
        order_.origin,
        order_.authority,
        order_.path_and_query,
        sent_fields(order_, canonical_)};
    order.joinable = order_.plain;
    order.canonical = canonical_;
    order.source = source;
    order.request_time = request_time_;
    order.directives = order_.directives;
    order.stored = order_.stale ? &order_.stale->head() : nullptr;
    fill filling(shared_, here_, flight_, std::move(order));
    const flight_head& decided = filling.decide(std::move(head));
    if (!decided.shareable) {
        // Those who wait for this flight go their own ways, in parallel, and those to come do not
        // wait at all.
        if (order_.plain) {
            shared_.remembered.remember_individual(order_.key, steady_clock::now());
        }
        if (!order_.is_refresh) {
            leave_table();
        }
    }
    if (!decided.peers_may_read) {
        withdraw();
    }
    const cache::freshness fresh = cache::evaluate_freshness(decided.response);
    const bool announce_it = decided.peers_may_read;
    co_await filling.run(std::move(connection));
    if (announce_it && filling.kept()) {
        announce_complete(fresh);
    } else {
        withdraw();
    }
}

bool fetch::answered_about_another(const http1::response_head& head) const
{
    return !cache::freshens(head.fields, order_.stale->head());
}

awaitable<void> fetch::use_validated(http1::response_head head)
{
    remove_hop_by_hop(head.fields);
    cache::stored_response updated = order_.stale->head();
    cache::update_from_304(updated, head.fields, request_time_, wall_now());
    const cache::freshness fresh = cache::evaluate_freshness(updated);
    const cache::field_section sent = sent_fields(order_, canonical_);
    const cache::exchange_view view{boost::beast::http::verb::get,
        sent,
        updated.status,
        updated.fields,
        request_time_,
        wall_now()};
    if (cache::storable(view, fresh, order_.directives) != cache::not_stored_reason::none) {
        // It no longer may be stored: readers use the copy they hold, this once.
        shared_.memory.erase(order_.key);
        static_cast<void>(co_await shared_.storage.erase(order_.key));
        withdraw();
    } else {
        // What was fetched for one client alone stays here, whatever its origin says now.
        const bool was_shared = updated.sharing != cache::sharing_class::node_local;
        updated.sharing = canonical_ && was_shared ? cache::classify(view, fresh)
                                                   : cache::sharing_class::node_local;
        const bool share =
            shared_.peers_trusted && updated.sharing != cache::sharing_class::node_local;
        co_await refresh_stored(shared_, order_.key, *order_.stale, std::move(updated));
        if (share) {
            announce_complete(fresh);
        } else {
            withdraw();
        }
    }
    leave_table();
    flight_->use_stored(stored_use::validated);
}

void fetch::use_stale()
{
    withdraw();
    leave_table();
    flight_->use_stored(stored_use::stale_error);
}

void fetch::announce_complete(const cache::freshness& fresh)
{
    const auto left =
        std::chrono::duration_cast<std::chrono::seconds>(fresh.fresh_until - wall_now());
    const std::chrono::seconds life = std::min(left, shared_.config.limit.announce_complete);
    if (!uses_peers() || life.count() <= 0) {
        withdraw();
        return;
    }
    announced_ = true;
    shared_.peers->announce(order_.key, dht::pointer_state::complete, life);
}

void fetch::withdraw()
{
    if (std::exchange(announced_, false)) {
        shared_.peers->withdraw(order_.key);
    }
}

void fetch::leave_table()
{
    if (!order_.table_key.empty()) {
        shared_.flights.leave(order_.table_key, order_.key.hash(), flight_);
        order_.table_key.clear();
    }
}

}  // namespace

awaitable<void> run_fetch(
    services& shared, worker& here, std::shared_ptr<flight> into, fetch_order order)
{
    fetch one(shared, here, into, std::move(order));
    co_await one.run();
}

}  // namespace proxy
