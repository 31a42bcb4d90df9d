#include "proxy/net/store_writer.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

namespace proxy {
namespace {

// Collects content into chunks of the store's size and appends them.
class chunk_appender
{
public:
    chunk_appender(storage_pool& storage, flight& from, cache::object_id id)
        : storage_{storage}, from_{from}, id_{id}
    {
    }

    // False if the store refused.
    awaitable<bool> add(chunk content, std::size_t begin)
    {
        std::size_t used = begin;
        while (used < content->size()) {
            const std::size_t part =
                std::min(content->size() - used, cache::body_chunk_octets - gathered_.size());
            gathered_.append(*content, used, part);
            used += part;
            if (gathered_.size() == cache::body_chunk_octets && !co_await flush()) {
                co_return false;
            }
        }
        co_return true;
    }

    awaitable<bool> flush()
    {
        if (gathered_.empty()) {
            co_return true;
        }
        written_ += gathered_.size();
        std::string full;
        full.swap(gathered_);
        const result<void> appended = co_await storage_.append(id_, index_, std::move(full));
        if (!appended) {
            co_return false;
        }
        ++index_;
        from_.written(id_, written_);
        co_return true;
    }

private:
    storage_pool& storage_;
    flight& from_;
    cache::object_id id_;
    std::string gathered_;
    std::uint64_t index_ = 0;
    std::uint64_t written_ = 0;
};

// Appends until the flight has ended; false if the store refused or the body is not whole.
awaitable<bool> append_all(storage_pool& storage, std::shared_ptr<flight> from, cache::object_id id)
{
    const auto waker = std::make_shared<signal>(co_await asio::this_coro::executor);
    chunk_appender appender(storage, *from, id);
    std::uint64_t offset = 0;
    while (true) {
        const chunk content = co_await from->next_to_write(waker, offset);
        if (!content) {
            break;
        }
        // Pieces are asked for by where they begin, so each is whole.
        const bool added = co_await appender.add(content, 0);
        if (!added) {
            co_return false;
        }
        offset += content->size();
    }
    if (from->state() != flight_state::finished) {
        co_return false;
    }
    co_return co_await appender.flush();
}

// Readers who are behind find the beginning nowhere else.
awaitable<void> abort_when_read(
    storage_pool& storage, std::shared_ptr<flight> from, cache::object_id id)
{
    const auto waker = std::make_shared<signal>(co_await asio::this_coro::executor);
    co_await from->wait_for_readers_behind(waker);
    storage.abort(id);
}

}  // namespace

awaitable<std::optional<cache::object_id>> write_to_store(storage_pool& storage,
    task_set& tasks,
    std::shared_ptr<flight> from,
    cache::cache_key key,
    cache::stored_response response)
{
    std::optional<cache::object_id> committed;
    const result<cache::object_id> id = co_await storage.begin();
    if (!id) {
        from->writing_failed();
        co_return committed;
    }
    const bool whole = co_await append_all(storage, from, *id);
    if (!whole) {
        from->writing_failed();
        tasks.spawn(abort_when_read(storage, from, *id));
        co_return committed;
    }
    response.body_octets = from->published_octets();
    const result<void> done = co_await storage.commit(std::move(key), *id, std::move(response));
    if (done) {
        committed = *id;
    }
    co_return committed;
}

}  // namespace proxy
