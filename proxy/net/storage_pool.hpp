// Runs the blocking store on threads of its own, as awaitables.

#pragma once

#include "cache/store/store.hpp"
#include "proxy/net/coroutine.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace proxy {

// Thread-safe. Until the store is open, and while it cannot be opened, every question is a miss and
// every write is refused: the proxy is a pass-through then and clients notice nothing.
class storage_pool
{
public:
    using opener = std::function<result<std::unique_ptr<cache::store>>()>;

    explicit storage_pool(unsigned threads);
    ~storage_pool();

    storage_pool(const storage_pool&) = delete;
    storage_pool& operator=(const storage_pool&) = delete;

    // Opens the store on a thread of the pool; tells the outcome there.
    void open(opener open_store, std::function<void(const error_code&)> done);
    bool ready() const { return store_.load() != nullptr; }

    // Waits for what runs, closes the store. Twice is harmless.
    void stop();

    awaitable<result<std::vector<cache::stored_object>>> lookup(cache::cache_key key);
    awaitable<result<std::string>> read_chunk(cache::object_id id, std::uint64_t index);
    awaitable<result<cache::object_id>> begin();
    awaitable<result<void>> append(cache::object_id id, std::uint64_t index, std::string octets);
    awaitable<result<void>> commit(
        cache::cache_key key, cache::object_id id, cache::stored_response response);
    awaitable<result<void>> freshen(
        cache::cache_key key, cache::object_id id, cache::stored_response response);
    awaitable<result<void>> erase(cache::cache_key key);
    awaitable<result<void>> invalidate(cache::cache_key key, cache::wall_time now);
    awaitable<result<std::uint64_t>> purge(cache::purge_order order, cache::wall_time now);
    void abort(cache::object_id id);

    cache::store_usage usage() const;

private:
    // Runs work(store) on the pool and comes back to the caller's executor with what it returned.
    template <class T, class Work>
    awaitable<result<T>> run(Work work);

    asio::thread_pool threads_;
    std::unique_ptr<cache::store> owner_;
    std::atomic<cache::store*> store_ = nullptr;
};

}  // namespace proxy
