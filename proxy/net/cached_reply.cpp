#include "proxy/net/cached_reply.hpp"

#include "cache/policy/content_coding.hpp"
#include "cache/policy/sharing.hpp"
#include "cache/policy/vary.hpp"
#include "proxy/net/services.hpp"
#include "proxy/net/sliced_reply.hpp"
#include "proxy/net/wall_clock.hpp"

#include <chrono>
#include <utility>

namespace proxy {
namespace {

using boost::beast::http::verb;

std::chrono::seconds time_to_live(const cache::freshness& fresh)
{
    return std::chrono::duration_cast<std::chrono::seconds>(fresh.fresh_until - wall_now());
}

// A flight brings whole responses to a GET. Everything else that nothing stored answers is relayed.
bool needs_relay(const cached_request& asked)
{
    return asked.request.verb == verb::head || asked.fields.contains(cache::field::range) ||
           asked.fields.contains(cache::field::if_match) ||
           asked.fields.contains(cache::field::if_unmodified_since);
}

// Slices are for GETs of which nothing whole is stored.
bool may_be_in_slices(const cached_request& asked, const cache::reuse_decision& decision)
{
    return decision.action == cache::reuse_action::fetch && asked.request.verb == verb::get &&
           !asked.fields.contains(cache::field::if_match) &&
           !asked.fields.contains(cache::field::if_unmodified_since);
}

cache_status status_of_hit(const stored_copy& copy, fetch_source source)
{
    cache_status status;
    status.hit = true;
    status.ttl = time_to_live(copy.fresh);
    status.source = source;
    return status;
}

// All of it was here before we asked; only the last step of storing it is still under way.
cache_status status_of_complete(const flight& complete)
{
    cache_status status;
    status.hit = true;
    status.source = complete.whole_body() ? fetch_source::memory : fetch_source::disk;
    return status;
}

// More than the store takes for it, unless its disk is in trouble: then the origin is asked.
constexpr std::chrono::seconds longest_commit{2};

constexpr fetch_failure no_answer_in_time{
    504, "http_response_timeout", "the origin did not answer in time"};

}  // namespace

awaitable<cached_outcome> cached_reply::run()
{
    stored_lookup found = co_await find();
    cache::reuse_decision decision =
        cache::decide_miss(asked_.fields, asked_.directives, found.other_variants);
    if (found.selected) {
        decision = cache::decide_reuse(asked_.fields,
            found.selected->head(),
            found.selected->fresh,
            asked_.directives,
            wall_now());
    }
    cached_outcome outcome;
    outcome.reason = decision.reason;
    const bool is_refresh = decision.action == cache::reuse_action::refresh;
    if (is_refresh) {
        refresh(*found.selected, decision);
    }
    if (decision.action == cache::reuse_action::serve || is_refresh) {
        const bool was_in_memory = is_refresh && found.selected->object;
        cache_status status = status_of_hit(
            *found.selected, was_in_memory ? fetch_source::memory : fetch_source::disk);
        status.detail = is_refresh ? "stale-while-revalidate" : "";
        co_return co_await serve_copy(*std::move(found.selected), status);
    }
    if (decision.action == cache::reuse_action::refuse) {
        outcome.what = cached_outcome::kind::refused;
        co_return outcome;
    }
    if (may_be_in_slices(asked_, decision)) {
        sliced_reply slices(shared_, here_, answers_, asked_);
        const std::optional<cached_outcome> served = co_await slices.run();
        if (served) {
            co_return *served;
        }
    }
    if (needs_relay(asked_)) {
        outcome.what = cached_outcome::kind::pass_on;
        co_return outcome;
    }
    if (decision.action != cache::reuse_action::validate) {
        found.selected.reset();
    }
    co_return co_await fetch(std::move(found.selected), decision);
}

awaitable<stored_lookup> cached_reply::find()
{
    stored_lookup found = co_await find_stored(shared_, asked_.key, asked_.fields);
    found.other_variants = found.other_variants || shared_.memory.holds(asked_.key);
    co_return found;
}

// Nobody waits for it and one at a time is enough: who comes meanwhile is served what there is.
void cached_reply::refresh(const stored_copy& stale, const cache::reuse_decision& decision)
{
    fetch_order order = order_for(stale, decision);
    if (order.table_key.empty()) {
        order.table_key = asked_.key.text() + " refresh";
        order.is_refresh = true;
    }
    const flight_table::seat seat =
        shared_.flights.join_or_lead(order.table_key, asked_.key.hash());
    if (seat.leads && !give_way(order.table_key, seat.shared)) {
        here_.tasks.spawn(run_fetch(shared_, here_, seat.shared, std::move(order)));
    }
}

std::optional<stored_copy> cached_reply::find_in_memory() const
{
    const auto object = shared_.memory.lookup(asked_.key, asked_.fields);
    if (!object) {
        return std::nullopt;
    }
    stored_copy copy;
    copy.object = object;
    copy.fresh = object->fresh;
    return copy;
}

// Between our look into the store and our place in the table another fetch may have ended. What it
// brought makes ours needless, whom we lead are told, and it is returned.
std::optional<stored_copy> cached_reply::give_way(
    const std::string& table_key, const std::shared_ptr<flight>& led)
{
    std::optional<stored_copy> copy = find_in_memory();
    if (!copy || !copy->fresh.is_fresh(wall_now())) {
        return std::nullopt;
    }
    shared_.flights.leave(table_key, asked_.key.hash(), led);
    led->use_stored(stored_use::validated);
    return copy;
}

awaitable<cached_outcome> cached_reply::serve_copy(stored_copy copy, cache_status status)
{
    cached_outcome outcome;
    outcome.source = status.source;
    if (copy.object) {
        answers_.queue_object(context(status), copy.object, wall_now());
        outcome.error = co_await answers_.flush();
    } else {
        outcome.error = co_await answers_.send_from_disk(context(status), copy, wall_now());
    }
    co_return outcome;
}

awaitable<cached_outcome> cached_reply::fetch(
    std::optional<stored_copy> stale, cache::reuse_decision decision)
{
    fetch_order order = order_for(stale, decision);
    if (order.table_key.empty()) {
        co_return co_await fetch_alone(std::move(order), std::move(stale), decision);
    }
    const flight_table::seat seat =
        shared_.flights.join_or_lead(order.table_key, asked_.key.hash());
    const bool wants_fresh = decision.reason != cache::forward_reason::request;
    if (seat.leads && wants_fresh) {
        if (auto copy = give_way(order.table_key, seat.shared)) {
            const cache_status status = status_of_hit(*copy, fetch_source::memory);
            co_return co_await serve_copy(*std::move(copy), status);
        }
    }
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    std::optional<flight_reader> reader;
    reader.emplace(seat.shared, executor);
    if (seat.leads) {
        here_.tasks.spawn(run_fetch(shared_, here_, seat.shared, order));
    }
    const bool complete = seat.shared->state() == flight_state::finished;
    const flight_state state = co_await wait_for_head(*reader, seat.leads);
    const std::shared_ptr<const flight_head> head = seat.shared->head();
    if (complete && reader->too_late() && head && head->stored && head->shareable) {
        if (auto copy = co_await find_kept(*reader)) {
            const cache_status status = status_of_hit(*copy, fetch_source::disk);
            co_return co_await serve_copy(*std::move(copy), status);
        }
    }
    const bool for_others =
        head && !seat.leads && !(head->shareable && cache::selects(head->response, asked_.fields));
    if (for_others || reader->too_late() || (state == flight_state::waiting && !seat.leads)) {
        // The answer is for its asker alone: ask for ourselves. The place there is given up: its
        // cursor would never move, and the others would be kept waiting for it.
        reader.reset();
        order.table_key.clear();
        order.plain = false;
        co_return co_await fetch_alone(std::move(order), std::move(stale), decision);
    }
    here_.count.add(counter::collapsed, seat.leads || complete ? 0 : 1);
    if (!head) {
        co_return co_await serve_ended(*seat.shared, std::move(stale), decision);
    }
    co_return co_await serve_flight(*reader,
        complete ? status_of_complete(*seat.shared)
                 : status_of(*head, decision.reason, seat.leads));
}

// All of it has come, and is about to be found on disk.
awaitable<std::optional<stored_copy>> cached_reply::find_kept(flight_reader& reader)
{
    co_await reader.wait_until_kept(std::chrono::steady_clock::now() + longest_commit);
    stored_lookup found = co_await find();
    if (found.selected && !found.selected->fresh.is_fresh(wall_now())) {
        found.selected.reset();
    }
    co_return std::move(found.selected);
}

awaitable<cached_outcome> cached_reply::fetch_alone(
    fetch_order order, std::optional<stored_copy> stale, cache::reuse_decision decision)
{
    const std::shared_ptr<flight> own = shared_.flights.alone();
    flight_reader reader(own, co_await asio::this_coro::executor);
    here_.tasks.spawn(run_fetch(shared_, here_, own, std::move(order)));
    co_await wait_for_head(reader, true);
    const std::shared_ptr<const flight_head> head = own->head();
    if (!head) {
        co_return co_await serve_ended(*own, std::move(stale), decision);
    }
    co_return co_await serve_flight(reader, status_of(*head, decision.reason, true));
}

// 1xx answers are for whose request they came to.
awaitable<flight_state> cached_reply::wait_for_head(flight_reader& reader, bool leads)
{
    const auto deadline =
        std::chrono::steady_clock::now() + 2 * shared_.config.limit.origin_first_byte;
    const bool wants_interim = leads && asked_.request.minor_version >= 1;
    while (wants_interim) {
        const std::shared_ptr<const interim_head> next = co_await reader.wait_for_interim(deadline);
        if (!next) {
            break;
        }
        // A client that is gone is noticed when it is sent the answer.
        const reply_context to_client = context(cache_status());
        static_cast<void>(co_await answers_.send_interim(to_client, *next));
    }
    co_return co_await reader.wait_for_head(deadline);
}

awaitable<cached_outcome> cached_reply::serve_flight(flight_reader& reader, cache_status status)
{
    cached_outcome outcome;
    outcome.source = status.source;
    outcome.ends_connection =
        !reader.source().head()->body_octets && asked_.request.minor_version == 0;
    outcome.error = co_await answers_.send_flight(context(status), reader, wall_now());
    co_return outcome;
}

// The flight ended without a head of its own: a stored response is to be used, or there is none.
awaitable<cached_outcome> cached_reply::serve_ended(
    const flight& ended, std::optional<stored_copy> stale, cache::reuse_decision decision)
{
    const bool use_stored = ended.state() == flight_state::use_stored;
    const bool validated = use_stored && ended.reason_to_use_stored() == stored_use::validated;
    if (validated) {
        stored_lookup found = co_await find();
        if (found.selected) {
            stale = std::move(found.selected);
        }
    }
    if (use_stored && stale) {
        cache_status status;
        status.forward = decision.reason;
        status.forward_status = validated ? 304 : 0;
        status.ttl = time_to_live(stale->fresh);
        status.source = stale->object ? fetch_source::memory : fetch_source::disk;
        status.detail = validated ? "validated" : "stale-origin-failed";
        co_return co_await serve_copy(*std::move(stale), status);
    }
    cached_outcome outcome;
    outcome.what = cached_outcome::kind::failed;
    outcome.failure = no_answer_in_time;
    if (ended.state() == flight_state::failed) {
        outcome.failure = ended.failure();
        if (stale) {
            // There is an answer that could not be validated (RFC 9111, section 5.2.2.2).
            outcome.failure.status = no_answer_in_time.status;
        }
    }
    co_return outcome;
}

fetch_order cached_reply::order_for(
    const std::optional<stored_copy>& stale, const cache::reuse_decision& decision) const
{
    fetch_order order = whole_order(asked_);
    order.plain = cache::is_plain(asked_.fields) &&
                  !shared_.remembered.is_individual(asked_.key, std::chrono::steady_clock::now());
    if (order.plain) {
        order.table_key = asked_.key.text();
        order.table_key.append(" ").append(cache::name_of(cache::accepted_codings(asked_.fields)));
    }
    order.stale = stale;
    order.stale_if_failed = stale && decision.stale_if_failed;
    return order;
}

reply_context cached_reply::context(const cache_status& status) const
{
    return {asked_.request, &asked_.where, asked_.keep_alive, status};
}

}  // namespace proxy
