#include "proxy/net/storage_pool.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/system/errc.hpp>

namespace proxy {
namespace {

error_code not_open()
{
    return boost::system::errc::make_error_code(
        boost::system::errc::resource_unavailable_try_again);
}

// Hops to the pool, works, hops back. A coroutine on the pool's executor, so that co_spawn does
// both hops.
template <class T, class Work>
awaitable<result<T>> work_there(cache::store& store, Work work)
{
    co_return work(store);
}

}  // namespace

storage_pool::storage_pool(unsigned threads) : threads_{threads}
{
}

storage_pool::~storage_pool()
{
    stop();
}

void storage_pool::open(opener open_store, std::function<void(const error_code&)> done)
{
    asio::post(threads_, [this, open_store = std::move(open_store), done = std::move(done)] {
        result<std::unique_ptr<cache::store>> opened = open_store();
        if (!opened) {
            done(opened.error());
            return;
        }
        owner_ = std::move(*opened);
        store_.store(owner_.get());
        done({});
    });
}

void storage_pool::stop()
{
    threads_.join();
    store_.store(nullptr);
    owner_.reset();
}

template <class T, class Work>
awaitable<result<T>> storage_pool::run(Work work)
{
    cache::store* store = store_.load();
    if (store == nullptr) {
        co_return not_open();
    }
    // Not to be cancelled: Asio 1.81 hands the signal to the pool, where a task that has not begun
    // throws out of the pool's thread. The wait ends with the operation, which is short.
    auto uncancellable =
        asio::bind_cancellation_slot(asio::cancellation_slot(), asio::use_awaitable);
    co_return co_await asio::co_spawn(
        threads_.get_executor(), work_there<T, Work>(*store, std::move(work)), uncancellable);
}

awaitable<result<std::vector<cache::stored_object>>> storage_pool::lookup(cache::cache_key key)
{
    auto work = [key = std::move(key)](cache::store& store) { return store.lookup(key); };
    co_return co_await run<std::vector<cache::stored_object>>(std::move(work));
}

awaitable<result<std::string>> storage_pool::read_chunk(cache::object_id id, std::uint64_t index)
{
    auto work = [id, index](cache::store& store) { return store.read_chunk(id, index); };
    co_return co_await run<std::string>(std::move(work));
}

awaitable<result<cache::object_id>> storage_pool::begin()
{
    auto work = [](cache::store& store) { return store.begin(); };
    co_return co_await run<cache::object_id>(std::move(work));
}

awaitable<result<void>> storage_pool::append(
    cache::object_id id, std::uint64_t index, std::string octets)
{
    auto work = [id, index, octets = std::move(octets)](
                    cache::store& store) { return store.append(id, index, octets); };
    co_return co_await run<void>(std::move(work));
}

awaitable<result<void>> storage_pool::commit(
    cache::cache_key key, cache::object_id id, cache::stored_response response)
{
    auto work = [key = std::move(key), id, response = std::move(response)](
                    cache::store& store) { return store.commit(key, id, response); };
    co_return co_await run<void>(std::move(work));
}

awaitable<result<void>> storage_pool::freshen(
    cache::cache_key key, cache::object_id id, cache::stored_response response)
{
    auto work = [key = std::move(key), id, response = std::move(response)](
                    cache::store& store) { return store.freshen(key, id, response); };
    co_return co_await run<void>(std::move(work));
}

awaitable<result<void>> storage_pool::erase(cache::cache_key key)
{
    auto work = [key = std::move(key)](cache::store& store) { return store.erase(key); };
    co_return co_await run<void>(std::move(work));
}

awaitable<result<void>> storage_pool::invalidate(cache::cache_key key, cache::wall_time now)
{
    auto work = [key = std::move(key), now](
                    cache::store& store) { return store.invalidate(key, now); };
    co_return co_await run<void>(std::move(work));
}

awaitable<result<std::uint64_t>> storage_pool::purge(cache::purge_order order, cache::wall_time now)
{
    auto work = [order = std::move(order), now](
                    cache::store& store) { return store.purge(order, now); };
    co_return co_await run<std::uint64_t>(std::move(work));
}

void storage_pool::abort(cache::object_id id)
{
    asio::post(threads_, [this, id] {
        if (cache::store* store = store_.load()) {
            store->abort(id);
        }
    });
}

cache::store_usage storage_pool::usage() const
{
    cache::store* store = store_.load();
    return store == nullptr ? cache::store_usage{} : store->usage();
}

}  // namespace proxy
