#include "proxy/net/fill.hpp"

#include "cache/policy/sharing.hpp"
#include "cache/policy/storability.hpp"
#include "proxy/core/forwarding.hpp"
#include "proxy/core/response_head.hpp"
#include "proxy/core/resumption.hpp"
#include "proxy/http1/serializer.hpp"
#include "proxy/net/services.hpp"
#include "proxy/net/store_writer.hpp"
#include "proxy/net/stored_copy.hpp"
#include "proxy/net/wall_clock.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

#include <algorithm>
#include <utility>

namespace proxy {
namespace {

constexpr std::size_t piece_octets = 64 * 1024;
constexpr auto get = boost::beast::http::verb::get;

}  // namespace

fill::fill(services& shared, worker& here, std::shared_ptr<flight> into, fill_order order)
    : shared_{shared}, here_{here}, flight_{std::move(into)}, order_{std::move(order)}
{
}

const flight_head& fill::decide(http1::response_head head)
{
    remove_hop_by_hop(head.fields);
    const cache::exchange_view view{
        get, order_.sent, head.status, head.fields, order_.request_time, wall_now()};
    const auto fresh_head = std::make_shared<flight_head>();
    fresh_head->response = cache::make_stored_response(view);
    fresh_head->source = order_.source;
    if (head.framing == http1::body_framing::content_length ||
        head.framing == http1::body_framing::none) {
        fresh_head->body_octets = head.content_length;
        fresh_head->response.body_octets = head.content_length;
    }
    fresh_ = cache::evaluate_freshness(fresh_head->response);
    const cache::not_stored_reason reason =
        cache::storable(view, fresh_, order_.directives, order_.stored);
    fresh_head->not_stored = cache::token_of(reason);
    fresh_head->stored = reason == cache::not_stored_reason::none;
    // What has to be validated before each use answers nobody but its asker (RFC 9111, section 4).
    fresh_head->shareable =
        fresh_head->stored && order_.joinable && fresh_.is_fresh(view.response_time);
    if (order_.canonical) {
        fresh_head->response.sharing = cache::classify(view, fresh_);
    }
    fresh_head->peers_may_read = fresh_head->shareable && order_.canonical &&
                                 shared_.peers_trusted && head.status == 200 &&
                                 fresh_head->response.sharing != cache::sharing_class::node_local;
    if (!can_resume_by_range(fresh_head->response)) {
        delivered_digest_.emplace();
    }
    head_ = fresh_head;
    return *head_;
}

awaitable<void> fill::run(upstream_connection connection)
{
    using asio::experimental::awaitable_operators::operator&&;
    flight_->publish_head(head_);
    if (!head_->stored) {
        co_await bring_body(std::move(connection));
        co_return;
    }
    co_await (bring_body(std::move(connection)) && store_body());
    flight_->keeping_ended();
    // One that was purged meanwhile is not announced.
    kept_ = kept_ &&
            !shared_.purges.cover(order_.key.url(), head_->response.fields, order_.request_time);
}

awaitable<void> fill::bring_body(upstream_connection connection)
{
    scratch_.resize(piece_octets);
    end_of_body end = co_await pump(connection, order_.source);
    count_octets(connection, order_.source);
    if (end == end_of_body::complete) {
        connection.finish();
    } else if (end == end_of_body::broken) {
        end = co_await resume();
    }
    scratch_ = std::string();
    const bool whole = !head_->body_octets || *head_->body_octets == flight_->published_octets();
    if (end == end_of_body::complete && whole) {
        // In memory before anyone can know that the flight has ended: the next request is a hit
        // there.
        keep_in_memory();
        flight_->finish();
    } else {
        flight_->break_off();
    }
}

awaitable<fill::end_of_body> fill::pump(upstream_connection& connection, fetch_source source)
{
    const limits& limit = shared_.config.limit;
    const std::chrono::milliseconds idle =
        source == fetch_source::peer ? limit.peer_idle : limit.origin_idle;
    const auto waker = std::make_shared<signal>(co_await asio::this_coro::executor);
    while (true) {
        // Who keeps others waiting is cut loose long before, and a client that takes nothing is cut
        // off by its own deadline.
        const auto stalled = std::chrono::steady_clock::now() + 2 * limit.client_write_stall;
        const bool room = co_await flight_->wait_for_room(waker, stalled);
        // Nobody wants it and nobody keeps it, or the only one who does takes nothing.
        if (!room || flight_->break_off_if_unwanted()) {
            co_return end_of_body::unwanted;
        }
        const result<std::size_t> octets =
            co_await connection.read_content(asio::buffer(scratch_), idle);
        if (!octets) {
            co_return end_of_body::broken;
        }
        if (*octets == 0) {
            co_return end_of_body::complete;
        }
        publish(std::string_view(scratch_).substr(0, *octets));
    }
}

void fill::publish(std::string_view octets)
{
    if (delivered_digest_) {
        delivered_digest_->update(octets);
    }
    flight_->publish(std::make_shared<const std::string>(octets));
}

awaitable<fill::end_of_body> fill::resume()
{
    if (flight_->break_off_if_unwanted()) {
        co_return end_of_body::unwanted;
    }
    result<upstream_connection> connection =
        co_await here_.origin_and_peers.acquire(order_.origin, false);
    if (!connection) {
        co_return end_of_body::broken;
    }
    here_.count.add(counter::origin_requests_fill);
    const error_code error = co_await connection->send(resume_request());
    if (error) {
        co_return end_of_body::broken;
    }
    const result<http1::response_head> head =
        co_await connection->read_head(get, shared_.config.limit.origin_first_byte);
    end_of_body end = end_of_body::broken;
    if (head) {
        const std::optional<std::uint64_t> known =
            known_octets(head_->response, head_->body_octets, flight_->published_octets(), *head);
        const bool same = known && co_await skip(*connection, *known);
        if (same) {
            end = co_await pump(*connection, fetch_source::origin);
        }
    }
    count_octets(*connection, fetch_source::origin);
    if (end == end_of_body::complete) {
        here_.count.add(counter::resumed);
        connection->finish();
    }
    co_return end;
}

// Reads what was delivered already and compares it. A piece that goes beyond is published for its
// new part.
awaitable<bool> fill::skip(upstream_connection& connection, std::uint64_t known)
{
    if (known == 0) {
        co_return true;
    }
    octet_digest seen;
    while (known > 0) {
        const result<std::size_t> octets = co_await connection.read_content(
            asio::buffer(scratch_), shared_.config.limit.origin_idle);
        if (!octets || *octets == 0) {
            co_return false;
        }
        const std::string_view piece = std::string_view(scratch_).substr(0, *octets);
        const std::string_view old =
            piece.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(known, piece.size())));
        seen.update(old);
        known -= old.size();
        if (known == 0) {
            // Without a digest there is a strong entity tag, and it is the same.
            if (delivered_digest_ && seen.value() != delivered_digest_->value()) {
                co_return false;
            }
            if (old.size() < piece.size()) {
                publish(piece.substr(old.size()));
            }
        }
    }
    co_return true;
}

std::string fill::resume_request() const
{
    cache::field_section fields = order_.sent;
    for (const cache::field_section::line line :
        resume_fields(head_->response, flight_->published_octets())) {
        fields.set(line.id, line.value);
    }
    add_via(fields, shared_.pseudonym);
    add_cdn_loop(fields, shared_.pseudonym);
    std::string text;
    http1::append_request_line(text, "GET", order_.path_and_query);
    http1::append_field(text, "Host", order_.authority);
    http1::append_fields(text, fields);
    http1::append_end_of_head(text);
    return text;
}

awaitable<void> fill::store_body()
{
    const std::optional<cache::object_id> id =
        co_await write_to_store(shared_.storage, here_.tasks, flight_, order_.key, head_->response);
    here_.count.add(id ? counter::stored : counter::store_failures);
    if (id && in_memory_) {
        // A later validation finds the copy on disk by its id.
        shared_.memory.replace(order_.key,
            *in_memory_,
            make_memory_object(in_memory_->response, in_memory_->body, *id, shared_.pseudonym));
    }
    kept_ = id.has_value() || in_memory_ != nullptr;
}

void fill::keep_in_memory()
{
    if (!head_->stored || flight_->published_octets() > shared_.config.limit.memory_object_octets) {
        return;
    }
    std::optional<std::vector<chunk>> body = flight_->whole_body();
    if (!body) {
        return;
    }
    cache::stored_response response = head_->response;
    response.body_octets = flight_->published_octets();
    const auto object = make_memory_object(
        std::move(response), shared_.memory.make_body(*std::move(body)), 0, shared_.pseudonym);
    if (shared_.memory.admit(order_.key, object) == cache::admission::admitted) {
        in_memory_ = object;
    }
}

void fill::count_octets(upstream_connection& connection, fetch_source source)
{
    const counter which =
        source == fetch_source::peer ? counter::peer_fetch_octets : counter::origin_octets_fill;
    here_.count.add(which, connection.wire_octets_received());
}

}  // namespace proxy
