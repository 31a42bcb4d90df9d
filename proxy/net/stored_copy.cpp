#include "proxy/net/stored_copy.hpp"

#include "cache/policy/vary.hpp"
#include "proxy/core/response_head.hpp"
#include "proxy/http1/serializer.hpp"
#include "proxy/net/services.hpp"
#include "proxy/net/store_writer.hpp"

#include <utility>

namespace proxy {
namespace {

// The whole body from disk, or nothing if a chunk is gone or damaged.
awaitable<std::optional<std::vector<chunk>>> load_body(
    storage_pool& storage, cache::stored_object object)
{
    std::optional<std::vector<chunk>> body;
    std::vector<chunk> chunks;
    std::uint64_t octets = 0;
    if (object.inline_body) {
        octets = object.inline_body->size();
        chunks.push_back(std::make_shared<const std::string>(*std::move(object.inline_body)));
    }
    while (octets < object.response.body_octets) {
        result<std::string> piece = co_await storage.read_chunk(object.id, chunks.size());
        if (!piece || piece->empty()) {
            co_return body;
        }
        octets += piece->size();
        chunks.push_back(std::make_shared<const std::string>(std::move(*piece)));
    }
    if (octets == object.response.body_octets) {
        body = std::move(chunks);
    }
    co_return body;
}

awaitable<void> write_whole(
    services& shared, worker& here, std::shared_ptr<flight> whole, cache::cache_key key)
{
    static_cast<void>(co_await write_to_store(
        shared.storage, here.tasks, whole, std::move(key), whole->head()->response));
}

}  // namespace

std::shared_ptr<const cache::memory_object> make_memory_object(cache::stored_response response,
    std::shared_ptr<const cache::memory_body> body,
    cache::object_id id,
    std::string_view pseudonym)
{
    auto object = std::make_shared<cache::memory_object>();
    object->head = stable_head(response.status, response.fields, pseudonym);
    object->fresh = cache::evaluate_freshness(response);
    object->response = std::move(response);
    object->store_id = id;
    object->body = std::move(body);
    return object;
}

awaitable<stored_lookup> find_stored(
    services& shared, cache::cache_key key, cache::field_section request)
{
    if (const auto object = shared.memory.lookup(key, request)) {
        stored_lookup found;
        found.selected.emplace();
        found.selected->object = object;
        found.selected->fresh = object->fresh;
        co_return found;
    }
    co_return co_await find_on_disk(shared, std::move(key), std::move(request));
}

awaitable<stored_lookup> find_on_disk(
    services& shared, cache::cache_key key, cache::field_section request)
{
    stored_lookup found;
    result<std::vector<cache::stored_object>> stored = co_await shared.storage.lookup(key);
    if (!stored || stored->empty()) {
        co_return found;
    }
    std::vector<const cache::stored_response*> variants;
    for (const cache::stored_object& one : *stored) {
        variants.push_back(&one.response);
    }
    const std::optional<std::size_t> index = cache::select_variant(variants, request);
    if (!index) {
        found.other_variants = true;
        co_return found;
    }
    cache::stored_object& object = (*stored)[*index];
    stored_copy copy;
    copy.id = object.id;
    copy.fresh = cache::evaluate_freshness(object.response);
    if (object.response.body_octets <= shared.config.limit.memory_object_octets) {
        std::optional<std::vector<chunk>> body = co_await load_body(shared.storage, object);
        if (!body) {
            co_return found;
        }
        copy.object = make_memory_object(std::move(object.response),
            shared.memory.make_body(*std::move(body)),
            object.id,
            shared.pseudonym);
        shared.memory.admit(key, copy.object);
    } else {
        copy.response = std::move(object.response);
    }
    found.selected = std::move(copy);
    co_return found;
}

void keep_whole(services& shared,
    worker& here,
    const cache::cache_key& key,
    cache::stored_response response,
    std::vector<chunk> body)
{
    const auto head = std::make_shared<flight_head>();
    response.body_octets = 0;
    for (const chunk& piece : body) {
        response.body_octets += piece->size();
    }
    head->body_octets = response.body_octets;
    head->stored = true;
    head->response = std::move(response);
    shared.memory.admit(key,
        make_memory_object(head->response, shared.memory.make_body(body), 0, shared.pseudonym));
    const std::shared_ptr<flight> whole = shared.flights.alone();
    whole->publish_head(head);
    for (chunk& piece : body) {
        whole->publish(std::move(piece));
    }
    whole->finish();
    here.tasks.spawn(write_whole(shared, here, whole, key));
}

awaitable<void> refresh_stored(
    services& shared, cache::cache_key key, stored_copy before, cache::stored_response updated)
{
    const cache::object_id id = before.object ? before.object->store_id : before.id;
    if (before.object) {
        shared.memory.replace(key,
            *before.object,
            make_memory_object(updated, before.object->body, id, shared.pseudonym));
    }
    if (id != 0) {
        // Refused only if the object has gone in the meantime or the disk fails: then it is fetched
        // again one day.
        static_cast<void>(co_await shared.storage.freshen(key, id, std::move(updated)));
    }
}

}  // namespace proxy
