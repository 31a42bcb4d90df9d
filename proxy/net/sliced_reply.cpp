#include "proxy/net/sliced_reply.hpp"

#include "cache/policy/preconditions.hpp"
#include "cache/policy/storability.hpp"
#include "proxy/core/forwarding.hpp"
#include "proxy/core/resumption.hpp"
#include "proxy/net/fill.hpp"
#include "proxy/net/services.hpp"
#include "proxy/net/slice_reader.hpp"
#include "proxy/net/wall_clock.hpp"

#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace proxy {
namespace {

constexpr auto get = boost::beast::http::verb::get;

std::uint64_t random_number()
{
    std::array<unsigned char, sizeof(std::uint64_t)> octets{};
    if (RAND_bytes(octets.data(), static_cast<int>(octets.size())) != 1) {
        throw std::runtime_error("no random numbers");
    }
    std::uint64_t number = 0;
    std::memcpy(&number, octets.data(), sizeof number);
    return number;
}

// Leaves the table and wakes those who wait, however the probe ends.
class probe_seat
{
public:
    probe_seat(flight_table& table, const cache::cache_key& key, std::shared_ptr<flight> led)
        : table_{table}, key_{key}, led_{std::move(led)}
    {
    }
    ~probe_seat()
    {
        table_.leave(key_.text(), key_.hash(), led_);
        led_->use_stored(stored_use::validated);
    }
    probe_seat(const probe_seat&) = delete;
    probe_seat& operator=(const probe_seat&) = delete;

private:
    flight_table& table_;
    const cache::cache_key& key_;
    std::shared_ptr<flight> led_;
};

// Ends the flight, whatever happens to the fill.
struct end_of_flight
{
    std::shared_ptr<flight> ended;

    explicit end_of_flight(std::shared_ptr<flight> of) : ended{std::move(of)} {}
    ~end_of_flight()
    {
        if (ended->state() == flight_state::waiting) {
            ended->fail(given_up);
        } else if (ended->state() == flight_state::streaming) {
            ended->break_off();
        }
    }
    end_of_flight(const end_of_flight&) = delete;
    end_of_flight& operator=(const end_of_flight&) = delete;
};

awaitable<void> fill_whole(services& shared,
    worker& here,
    std::shared_ptr<flight> into,
    fill_order order,
    part_answer answer)
{
    const end_of_flight at_end(into);
    fill filling(shared, here, into, std::move(order));
    filling.decide(std::move(answer.head));
    co_await filling.run(std::move(answer.connection));
}

}  // namespace

awaitable<std::optional<cached_outcome>> sliced_reply::run()
{
    std::optional<cached_outcome> outcome;
    // A map whose slices can't be completed is forgotten, and made anew once.
    for (int tries = 0; tries != 2; ++tries) {
        window_ = std::make_shared<slice_window>(here_.context.get_executor());
        const bool known = co_await find_map();
        probed next = probed::slices;
        if (!known || !is_usable(wall_now())) {
            next = co_await begin_slices();
        }
        if (next == probed::failed) {
            outcome.emplace();
            outcome->what = cached_outcome::kind::failed;
            outcome->failure = failure_;
        } else if (next == probed::whole) {
            outcome = co_await serve_whole();
        } else if (next == probed::slices) {
            outcome = co_await serve_slices();
        }
        if (outcome || next == probed::nothing) {
            break;
        }
        co_await forget();
    }
    co_return outcome;
}

awaitable<bool> sliced_reply::find_map()
{
    const cache::cache_key key = cache::key_of_slice_map(asked_.key);
    const stored_lookup found = co_await find_stored(shared_, key, asked_.fields);
    const bool adopted = found.selected && found.selected->object && adopt(*found.selected->object);
    co_return adopted;
}

bool sliced_reply::adopt(const cache::memory_object& record)
{
    const auto map = cache::decode_slice_map(record.body->octets());
    if (!map) {
        return false;
    }
    map_ = *map;
    response_ = record.response;
    response_.body_octets = map_.body_octets;
    fresh_ = record.fresh;
    return true;
}

bool sliced_reply::is_usable(cache::wall_time now) const
{
    return cache::decide_reuse(asked_.fields, response_, fresh_, asked_.directives, now).action ==
           cache::reuse_action::serve;
}

// No map is there that may be used: the origin is asked, by one request for the same body at a
// time.
awaitable<sliced_reply::probed> sliced_reply::begin_slices()
{
    const auto span = cache::slices_to_ask_for(asked_.fields);
    const cache::cache_key key = cache::key_of_slice_map(asked_.key);
    if (!span || shared_.remembered.is_individual(key, std::chrono::steady_clock::now())) {
        co_return probed::nothing;
    }
    reason_ =
        map_.body_octets != 0 ? cache::forward_reason::stale : cache::forward_reason::uri_miss;
    const flight_table::seat seat = shared_.flights.join_or_lead(key.text(), key.hash());
    if (!seat.leads) {
        flight_reader reader(seat.shared, here_.context.get_executor());
        const auto deadline =
            std::chrono::steady_clock::now() + 2 * shared_.config.limit.origin_first_byte;
        co_await reader.wait_for_head(deadline);
        const bool known = co_await find_map();
        const bool usable = known && is_usable(wall_now());
        co_return usable ? probed::slices : probed::nothing;
    }
    const probe_seat place(shared_.flights, key, seat.shared);
    const probed outcome = co_await probe(*span);
    if (outcome == probed::nothing) {
        shared_.remembered.remember_individual(key, std::chrono::steady_clock::now());
    }
    co_return outcome;
}

awaitable<sliced_reply::probed> sliced_reply::probe(cache::octet_span span)
{
    request_time_ = wall_now();
    const fetch_order order = whole_order(asked_);
    result<part_answer> answer = co_await ask_for_part(shared_, here_, order, span, std::string());
    if (!answer) {
        failure_ = failure_of(answer.error());
        co_return probed::failed;
    }
    answer_.emplace(*std::move(answer));
    co_return judge(span);
}

sliced_reply::probed sliced_reply::judge(cache::octet_span span)
{
    http1::response_head& head = answer_->head;
    if (head.status != 206) {
        return probed::whole;
    }
    const bool has_length = head.framing == http1::body_framing::content_length;
    const auto part =
        cache::parse_content_range(head.fields.first(cache::field::content_range).value_or(""));
    const bool fits =
        part && head.fields.count(cache::field::content_range) == 1 &&
        cache::brings(*part, span, has_length ? std::optional(head.content_length) : std::nullopt);
    if (!fits) {
        return probed::nothing;
    }
    // What is stored and served is the whole or a part that we cut (RFC 9111, section 3.3).
    head.fields.erase(cache::field::content_range);
    head.status = 200;
    if (part->first == 0 && part->last + 1 == part->complete) {
        return probed::whole;
    }
    if (!make_map(*part)) {
        return probed::nothing;
    }
    begin_run(span);
    return probed::slices;
}

// Parts are put together only where a strong entity tag proves that they are of one body (RFC 9111,
// section 3.4).
bool sliced_reply::make_map(const cache::received_range& part)
{
    const cache::slice_map before = map_;
    const auto tag_before = response_.fields.combined(cache::field::etag);
    cache::field_section fields = answer_->head.fields;
    remove_hop_by_hop(fields);
    const cache::field_section sent = whole_order(asked_).client_fields;
    const cache::exchange_view view{get, sent, 200, fields, request_time_, wall_now()};
    response_ = cache::make_stored_response(view);
    fresh_ = cache::evaluate_freshness(response_);
    const bool may_be_used =
        can_resume_by_range(response_) && fresh_.is_fresh(view.response_time) &&
        cache::storable(view, fresh_, asked_.directives) == cache::not_stored_reason::none;
    if (!may_be_used) {
        return false;
    }
    const bool same_body = before.body_octets == part.complete &&
                           tag_before == response_.fields.combined(cache::field::etag);
    map_.body_octets = part.complete;
    map_.number = same_body ? before.number : random_number();
    const auto text = std::make_shared<const std::string>(cache::encode_slice_map(map_));
    keep_whole(shared_, here_, cache::key_of_slice_map(asked_.key), response_, {text});
    response_.body_octets = map_.body_octets;
    return true;
}

void sliced_reply::begin_run(cache::octet_span span)
{
    probed_ = true;
    const std::uint64_t first = span.begin / cache::slice_octets;
    window_->reading = first;
    slice_run run = run_from_origin();
    run.slice = first;
    run.end = std::min(span.end / cache::slice_octets, map_.slices());
    const cache::cache_key key = cache::key_of_slice(map_, first);
    flight_table::seat seat = shared_.flights.join_or_lead(key.text(), key.hash());
    if (seat.leads) {
        here_.tasks.spawn(fetch_slices(
            shared_, here_, std::move(seat.shared), std::move(run), std::move(answer_)));
    }
    answer_.reset();
}

slice_run sliced_reply::run_from_origin() const
{
    const std::string_view tag = response_.fields.first(cache::field::etag).value_or("");
    return {.order = whole_order(asked_), .map = map_, .tag = std::string{tag}, .window = window_};
}

// Nothing if the first slice can't be had: then nothing was sent.
awaitable<std::optional<cached_outcome>> sliced_reply::serve_slices()
{
    std::optional<cached_outcome> outcome;
    const std::vector<cache::byte_range> parts = needed();
    slice_reader body(shared_, here_, answers_, run_from_origin());
    cache_status status;
    status.source = fetch_source::origin;
    status.ttl = std::chrono::duration_cast<std::chrono::seconds>(fresh_.fresh_until - wall_now());
    if (probed_) {
        status.forward = reason_;
        status.forward_status = 206;
        status.stored = true;
    } else {
        const slices_presence presence = co_await body.look_at(parts);
        status.hit = presence == slices_presence::stored;
        status.collapsed = presence == slices_presence::on_the_way;
        if (status.hit || presence == slices_presence::unknown) {
            status.source = fetch_source::disk;
        } else {
            status.forward = cache::forward_reason::partial;
        }
    }
    if (!parts.empty()) {
        const bool opened = co_await body.open(parts.front());
        if (!opened) {
            co_return outcome;
        }
    }
    outcome.emplace();
    outcome->source = status.source;
    const reply_context context{asked_.request, &asked_.where, asked_.keep_alive, status};
    outcome->error = co_await answers_.send_from(context, response_, body, wall_now());
    co_return outcome;
}

awaitable<cached_outcome> sliced_reply::serve_whole()
{
    const std::shared_ptr<flight> own = shared_.flights.alone();
    flight_reader reader(own, here_.context.get_executor());
    const fetch_order from = whole_order(asked_);
    fill_order order{
        asked_.key, asked_.origin, from.authority, from.path_and_query, from.client_fields};
    order.request_time = request_time_;
    order.directives = asked_.directives;
    here_.tasks.spawn(fill_whole(shared_, here_, own, std::move(order), *std::move(answer_)));
    answer_.reset();
    const auto deadline =
        std::chrono::steady_clock::now() + 2 * shared_.config.limit.origin_first_byte;
    co_await reader.wait_for_head(deadline);
    const std::shared_ptr<const flight_head> head = own->head();
    cached_outcome outcome;
    if (!head) {
        outcome.what = cached_outcome::kind::failed;
        outcome.failure = own->failure();
        co_return outcome;
    }
    const cache_status status = status_of(*head, reason_, true);
    outcome.source = status.source;
    outcome.ends_connection = !head->body_octets && asked_.request.minor_version == 0;
    const reply_context context{asked_.request, &asked_.where, asked_.keep_alive, status};
    outcome.error = co_await answers_.send_flight(context, reader, wall_now());
    co_return outcome;
}

// The parts of the body that the answer will hold.
std::vector<cache::byte_range> sliced_reply::needed() const
{
    std::vector<cache::byte_range> parts;
    if (cache::is_not_modified(asked_.fields, response_)) {
        return parts;
    }
    cache::range_decision range = cache::resolve_range(asked_.fields, response_);
    switch (range.outcome) {
    case cache::range_outcome::whole:
    case cache::range_outcome::part: parts.push_back(range.part); break;
    case cache::range_outcome::parts: parts = std::move(range.parts); break;
    case cache::range_outcome::unsatisfiable: break;
    }
    return parts;
}

// The origin has another body now.
awaitable<void> sliced_reply::forget()
{
    map_ = cache::slice_map();
    probed_ = false;
    static_cast<void>(co_await shared_.storage.erase(asked_.key));
    shared_.memory.erase(asked_.key);
}

}  // namespace proxy
