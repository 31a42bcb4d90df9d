#include "proxy/net/slice_fetch.hpp"

#include "cache/policy/range.hpp"
#include "proxy/net/fetch_request.hpp"
#include "proxy/net/services.hpp"
#include "proxy/net/store_writer.hpp"
#include "proxy/net/stored_copy.hpp"
#include "proxy/net/wall_clock.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace proxy {
namespace {

constexpr std::size_t piece_octets = 64 * 1024;
constexpr auto get = boost::beast::http::verb::get;

awaitable<result<http1::response_head>> final_head(
    upstream_connection& connection, std::chrono::milliseconds deadline)
{
    while (true) {
        result<http1::response_head> head = co_await connection.read_head(get, deadline);
        if (!head || head->status >= 200) {
            co_return head;
        }
    }
}

class slice_fetch
{
public:
    slice_fetch(services& shared, worker& here, std::shared_ptr<flight> first, slice_run run)
        : shared_{shared}, here_{here}, run_{std::move(run)}
    {
        take(std::move(first));
    }
    ~slice_fetch() { give_up(); }
    slice_fetch(const slice_fetch&) = delete;
    slice_fetch& operator=(const slice_fetch&) = delete;

    awaitable<void> run(std::optional<part_answer> begun);

private:
    bool goes_on_with(const http1::response_head& head) const;
    awaitable<bool> bring_slice(upstream_connection& connection);
    awaitable<bool> keep_slice();
    awaitable<bool> next_is_wanted();
    void take(std::shared_ptr<flight> led);
    void give_up();
    cache::octet_span span() const;
    cache::stored_response response() const;

    services& shared_;
    worker& here_;
    slice_run run_;
    std::shared_ptr<flight> flight_;  // of the slice at hand
    std::string scratch_;
};

awaitable<void> slice_fetch::run(std::optional<part_answer> begun)
{
    if (!begun) {
        result<part_answer> answer =
            co_await ask_for_part(shared_, here_, run_.order, span(), run_.tag);
        if (!answer || !goes_on_with(answer->head)) {
            co_return;
        }
        begun.emplace(*std::move(answer));
    }
    scratch_.resize(piece_octets);
    upstream_connection& connection = begun->connection;
    bool more = true;
    while (more) {
        more = co_await bring_slice(connection);
        if (more) {
            more = co_await keep_slice();
        }
    }
    here_.count.add(counter::origin_octets_fill, connection.wire_octets_received());
    const bool at_end = run_.slice == run_.end;
    if (at_end) {
        const result<std::size_t> rest = co_await connection.read_content(
            asio::buffer(scratch_), shared_.config.limit.origin_idle);
        if (rest && *rest == 0) {
            connection.finish();
        }
    }
}

bool slice_fetch::goes_on_with(const http1::response_head& head) const
{
    const auto part =
        cache::parse_content_range(head.fields.first(cache::field::content_range).value_or(""));
    const bool has_length = head.framing == http1::body_framing::content_length;
    return head.status == 206 && part && part->complete == run_.map.body_octets &&
           head.fields.first(cache::field::etag) == run_.tag &&
           cache::brings(
               *part, span(), has_length ? std::optional(head.content_length) : std::nullopt);
}

// False if the source broke off.
awaitable<bool> slice_fetch::bring_slice(upstream_connection& connection)
{
    const auto head = std::make_shared<flight_head>();
    head->response = response();
    head->body_octets = head->response.body_octets;
    head->stored = true;
    flight_->publish_head(head);
    std::uint64_t left = head->response.body_octets;
    while (left != 0) {
        const auto most = static_cast<std::size_t>(std::min<std::uint64_t>(left, scratch_.size()));
        const result<std::size_t> octets = co_await connection.read_content(
            asio::buffer(scratch_.data(), most), shared_.config.limit.origin_idle);
        if (!octets || *octets == 0) {
            co_return false;
        }
        flight_->publish(std::make_shared<const std::string>(scratch_.data(), *octets));
        left -= *octets;
    }
    co_return true;
}

// The slice is whole. True if the next one is to be brought too: it is led by us then.
awaitable<bool> slice_fetch::keep_slice()
{
    const cache::cache_key key = cache::key_of_slice(run_.map, run_.slice);
    const std::shared_ptr<flight> whole = std::exchange(flight_, nullptr);
    std::optional<std::vector<chunk>> body = whole->whole_body();
    if (body) {
        shared_.memory.admit(key,
            make_memory_object(
                response(), shared_.memory.make_body(*std::move(body)), 0, shared_.pseudonym));
    }
    ++run_.slice;
    // The next one is taken before anyone can look for it.
    bool more = run_.slice != run_.end;
    if (more) {
        const cache::cache_key next = cache::key_of_slice(run_.map, run_.slice);
        flight_table::seat seat = shared_.flights.join_or_lead(next.text(), next.hash());
        more = seat.leads;
        if (more) {
            take(std::move(seat.shared));
        }
    }
    shared_.flights.leave(key.text(), key.hash(), whole);
    whole->finish();
    const std::optional<cache::object_id> id =
        co_await write_to_store(shared_.storage, here_.tasks, whole, key, whole->head()->response);
    here_.count.add(id ? counter::stored : counter::store_failures);
    if (more) {
        more = co_await next_is_wanted();
    }
    co_return more;
}

awaitable<bool> slice_fetch::next_is_wanted()
{
    const auto deadline =
        std::chrono::steady_clock::now() + 2 * shared_.config.limit.client_write_stall;
    slice_window& window = *run_.window;
    while (!window.closed && run_.slice > window.reading + 1 &&
           std::chrono::steady_clock::now() < deadline) {
        co_await window.moved->wait(deadline);
    }
    co_return !window.closed && run_.slice <= window.reading + 1;
}

void slice_fetch::take(std::shared_ptr<flight> led)
{
    flight_ = std::move(led);
    flight_->source_is(fetch_source::origin);
}

// However it ends, nobody is left waiting.
void slice_fetch::give_up()
{
    if (!flight_) {
        return;
    }
    const cache::cache_key key = cache::key_of_slice(run_.map, run_.slice);
    shared_.flights.leave(key.text(), key.hash(), flight_);
    if (flight_->state() == flight_state::waiting) {
        flight_->fail(given_up);
    } else {
        flight_->break_off();
    }
}

cache::octet_span slice_fetch::span() const
{
    return {run_.slice * cache::slice_octets, run_.end * cache::slice_octets};
}

// The fields are with the map.
cache::stored_response slice_fetch::response() const
{
    cache::stored_response made;
    made.request_time = wall_now();
    made.response_time = made.request_time;
    made.body_octets = run_.map.range_of(run_.slice).octets;
    return made;
}

}  // namespace

awaitable<result<part_answer>> ask_for_part(
    services& shared, worker& here, fetch_order order, cache::octet_span part, std::string if_range)
{
    std::string range = "bytes=" + std::to_string(part.begin) + "-";
    if (part.end != std::numeric_limits<std::uint64_t>::max()) {
        range += std::to_string(part.end - 1);
    }
    order.client_fields.set(cache::field::range, range);
    if (!if_range.empty()) {
        order.client_fields.set(cache::field::if_range, if_range);
    }
    const std::string request = request_to_origin(order, false, shared.pseudonym);
    error_code error;
    for (const bool allow_reuse : {true, false}) {
        result<upstream_connection> connection =
            co_await here.origin_and_peers.acquire(order.origin, allow_reuse);
        if (!connection) {
            co_return connection.error();
        }
        here.count.add(counter::origin_requests_fill);
        error = co_await connection->send(request);
        if (!error) {
            result<http1::response_head> head =
                co_await final_head(*connection, shared.config.limit.origin_first_byte);
            if (head) {
                part_answer answer{*std::move(connection), *std::move(head)};
                co_return answer;
            }
            error = head.error();
        }
        // A server may close an idle connection just when we use it (RFC 9112, section 9.3.1).
        if (!(connection->reused() && error == upstream_errc::closed_before_response)) {
            break;
        }
    }
    co_return error;
}

awaitable<void> fetch_slices(services& shared,
    worker& here,
    std::shared_ptr<flight> first,
    slice_run run,
    std::optional<part_answer> begun)
{
    slice_fetch one(shared, here, first, std::move(run));
    co_await one.run(std::move(begun));
}

}  // namespace proxy
