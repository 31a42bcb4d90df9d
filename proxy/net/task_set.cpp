#include "proxy/net/task_set.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
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

// Called when a task has ended. Its own type, for with bind_cancellation_slot Asio (1.81) hands a
// signal on by dispatch: given from outside of the executor it arrives later, perhaps after the
// task and its signal are gone.
struct task_set::end_of_task
{
    using cancellation_slot_type = asio::cancellation_slot;

    cancellation_slot_type get_cancellation_slot() const noexcept
    {
        return position->signal.slot();
    }
    void operator()(const std::exception_ptr& thrown) const { owner->finished(position, thrown); }

    task_set* owner;
    running_tasks::iterator position;
};

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
    end_of_task at_end{this, position};
    asio::co_spawn(executor_, run(position, std::move(task)), at_end);
}

// Asio (1.81) loses the end of a coroutine that was cancelled before it was suspended for the first
// time: it throws out of io_context::run. So nothing is cancelled before this first suspension.
asio::awaitable<void> task_set::run(running_tasks::iterator position, asio::awaitable<void> task)
{
    co_await asio::post(executor_, asio::use_awaitable);
    if (cancelled_) {
        co_return;
    }
    position->started = true;
    co_await std::move(task);
}

void task_set::cancel()
{
    cancelled_ = true;
    for (running_task& task : running_) {
        if (task.started) {
            task.signal.emit(asio::cancellation_type::terminal);
        }
    }
}

asio::awaitable<void> task_set::join()
{
    constexpr auto use_tuple = asio::as_tuple(asio::use_awaitable);
    while (!running_.empty()) {
        co_await became_smaller_.async_wait(use_tuple);
    }
}

void task_set::finished(running_tasks::iterator position, const std::exception_ptr& thrown)
{
    running_.erase(position);
    if (thrown && !(cancelled_ && is_cancellation(thrown))) {
        on_failure_(thrown);
    }
    if (running_.empty()) {
        became_smaller_.cancel();
    }
}

}  // namespace proxy
