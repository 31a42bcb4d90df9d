#include "proxy/net/task_set.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/assert.hpp>
#include <boost/system/system_error.hpp>

#include <utility>

namespace proxy {

namespace asio = boost::asio;

namespace {

bool is_cancellation(const std::exception_ptr& thrown)
{
    try {
        std::rethrow_exception(thrown);
    } catch (const boost::system::system_error& error) {
        return error.code() == asio::error::operation_aborted;
    } catch (...) {
        return false;
    }
}

}  // namespace

task_set::task_set(asio::any_io_executor executor, failure_handler on_failure)
    : executor_(std::move(executor)), on_failure_(std::move(on_failure)), became_smaller_(executor_)
{
    BOOST_ASSERT(on_failure_ != nullptr);
    became_smaller_.expires_at(asio::steady_timer::time_point::max());
}

task_set::~task_set()
{
    BOOST_ASSERT(running_.empty());
}

void task_set::spawn(asio::awaitable<void> task)
{
    if (cancelled_) {
        return;
    }
    const auto position = running_.emplace(running_.end());
    // The handler is posted, never called from within co_spawn, and the set outlives it (see the
    // destructor).
    asio::co_spawn(executor_,
        std::move(task),
        asio::bind_cancellation_slot(position->slot(),
            [this, position](const std::exception_ptr& thrown) { finished(position, thrown); }));
}

void task_set::cancel()
{
    cancelled_ = true;
    for (asio::cancellation_signal& task : running_) {
        task.emit(asio::cancellation_type::terminal);
    }
}

asio::awaitable<void> task_set::join()
{
    constexpr auto use_tuple = asio::as_tuple(asio::use_awaitable);
    while (!running_.empty()) {
        co_await became_smaller_.async_wait(use_tuple);
    }
}

void task_set::finished(signals::iterator task, const std::exception_ptr& thrown)
{
    running_.erase(task);
    if (thrown && !(cancelled_ && is_cancellation(thrown))) {
        on_failure_(thrown);
    }
    if (running_.empty()) {
        became_smaller_.cancel();
    }
}

}  // namespace proxy
