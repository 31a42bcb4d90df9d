#include "proxy/net/passed_answer.hpp"

#include "cache/policy/storability.hpp"
#include "cache/policy/validation.hpp"
#include "proxy/core/forwarding.hpp"
#include "proxy/net/services.hpp"
#include "proxy/net/stored_copy.hpp"
#include "proxy/net/wall_clock.hpp"

#include <chrono>
#include <optional>
#include <utility>

namespace proxy {
namespace {

using boost::beast::http::verb;

cache::request_directives directives_of(const target& where)
{
    return where.way == way_in::forward ? cache::request_directives::honoured
                                        : cache::request_directives::ignored;
}

}  // namespace

void passed_answer::begin()
{
    request_time_ = wall_now();
}

awaitable<void> passed_answer::take_head(const http1::response_head& head)
{
    if (method_ == verb::head && head.status == 200) {
        co_await apply_head(head.fields);
    }
    if (!cache::invalidates(method_, head.status)) {
        co_return;
    }
    cache::field_section fields = head.fields;
    remove_hop_by_hop(fields);
    co_await invalidate(fields);
    if (method_ == verb::post) {
        begin_to_keep(head.status, fields);
    }
}

awaitable<void> passed_answer::invalidate(const cache::field_section& response)
{
    const cache::wall_time now = wall_now();
    invalidated_at_ = now;
    for (const cache::cache_key& key : cache::invalidated_keys(uri(), response)) {
        // What is under way was asked for before, and so were older copies of peers.
        cache::purge_order order;
        order.what = key.url();
        shared_.purges.add(order, now);
        static_cast<void>(co_await shared_.storage.invalidate(key, now));
        shared_.memory.invalidate(key, now);  // last: a hit on disk goes to memory
        shared_.flights.purge(order);
        if (shared_.peers != nullptr) {
            shared_.peers->withdraw(key);
        }
    }
}

// The request held what one client sent: what it has freshened stays with this node.
awaitable<void> passed_answer::apply_head(const cache::field_section& response)
{
    stored_lookup found = co_await find_stored(shared_, key(), request_);
    if (!found.selected) {
        co_return;
    }
    cache::stored_response updated = found.selected->head();
    if (cache::describes(response, updated)) {
        cache::field_section fields = response;
        remove_hop_by_hop(fields);
        cache::update_from_304(updated, fields, request_time_, wall_now());
    } else {
        updated.invalidated = true;
    }
    updated.sharing = cache::sharing_class::node_local;
    const cache::freshness fresh = cache::evaluate_freshness(updated);
    const bool keeps =
        cache::storable(view(updated.status, updated.fields), fresh, directives_of(where_)) ==
        cache::not_stored_reason::none;
    if (keeps) {
        co_await refresh_stored(shared_, key(), *std::move(found.selected), std::move(updated));
    } else {
        static_cast<void>(co_await shared_.storage.erase(key()));
        shared_.memory.erase(key());
    }
    if (shared_.peers != nullptr) {
        shared_.peers->withdraw(key());
    }
}

void passed_answer::begin_to_keep(unsigned status, const cache::field_section& fields)
{
    const cache::exchange_view seen = view(status, fields);
    cache::stored_response response = cache::make_stored_response(seen);
    const cache::freshness fresh = cache::evaluate_freshness(response);
    const bool keeps =
        cache::answers_later_gets(method_, status, fields, uri(), fresh) &&
        cache::storable(seen, fresh, directives_of(where_)) == cache::not_stored_reason::none;
    if (keeps) {
        kept_ = std::move(response);
        // Newer than all that the request has made invalid.
        kept_->request_time = invalidated_at_ + std::chrono::milliseconds{1};
    }
}

// What is too large for memory is not kept: nobody would be helped by the end of it alone.
void passed_answer::take_content(std::string_view octets)
{
    if (!kept_) {
        return;
    }
    octets_ += octets.size();
    if (octets_ > shared_.config.limit.memory_object_octets) {
        kept_.reset();
        content_.clear();
        return;
    }
    content_.push_back(std::make_shared<const std::string>(octets));
}

void passed_answer::take_end()
{
    const std::optional<cache::stored_response> kept = std::exchange(kept_, std::nullopt);
    if (kept) {
        keep_whole(shared_, here_, key(), *kept, std::move(content_));
    }
}

// As if it had been a GET: by these rules it is stored and used.
cache::exchange_view passed_answer::view(
    unsigned status, const cache::field_section& response) const
{
    return {verb::get, request_, status, response, request_time_, wall_now()};
}

cache::request_uri_view passed_answer::uri() const
{
    return {where_.scheme, where_.host, where_.port, where_.path_and_query};
}

cache::cache_key passed_answer::key() const
{
    return {where_.scheme,
        where_.host,
        where_.port,
        where_.path_and_query,
        request_.first(cache::field::origin).value_or("")};
}

}  // namespace proxy
