// The owner of spawned coroutines: nothing runs in the background that nobody can end and wait for.

#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstddef>
#include <exception>
#include <functional>
#include <list>

namespace proxy {

// Runs coroutines on the executor of one worker; used on that worker's thread only. Whoever owns
// the set calls cancel() and awaits join() before destroying it, and before destroying what the
// tasks refer to. Memory is that of the tasks that still run.
class task_set
{
public:
    // Gets what a task threw; it is called once for each task that ended so, on the worker.
    using failure_handler = std::function<void(std::exception_ptr)>;

    task_set(boost::asio::any_io_executor executor, failure_handler on_failure);
    ~task_set();  // asserts that the set is empty

    task_set(const task_set&) = delete;
    task_set& operator=(const task_set&) = delete;

    // Starts the task soon, not before spawn returns. One that has not started when cancel() is
    // called is destroyed unstarted, as is what is spawned after it.
    void spawn(boost::asio::awaitable<void> task);

    // Asks every task to end: what it waits for completes with operation_aborted, and its next wait
    // throws. Such an end is no failure. Calling it twice is harmless.
    void cancel();

    // Completes when no task is left. Several may wait.
    boost::asio::awaitable<void> join();

    std::size_t size() const { return running_.size(); }
    bool empty() const { return running_.empty(); }

private:
    struct running_task
    {
        boost::asio::cancellation_signal signal;
        bool started = false;
    };
    using running_tasks = std::list<running_task>;  // addresses must not change
    struct end_of_task;

    boost::asio::awaitable<void> run(
        running_tasks::iterator position, boost::asio::awaitable<void> task);
    void finished(running_tasks::iterator position, const std::exception_ptr& thrown);

    boost::asio::any_io_executor executor_;
    failure_handler on_failure_;
    running_tasks running_;
    boost::asio::steady_timer became_smaller_;  // never expires; cancelled to wake join()
    bool cancelled_ = false;
};

}  // namespace proxy
