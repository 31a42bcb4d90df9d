#include "proxy/net/task_set.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace proxy {
namespace {

namespace asio = boost::asio;

class TaskSetTest : public testing::Test
{
protected:
    asio::io_context context;
    std::vector<std::string> failures;
    task_set tasks = task_set(context.get_executor(), [this](const std::exception_ptr& thrown) {
        try {
            std::rethrow_exception(thrown);
        } catch (const std::exception& error) {
            failures.emplace_back(error.what());
        }
    });
};

asio::awaitable<void> wait_for_ever(std::shared_ptr<int> alive)
{
    asio::steady_timer never(co_await asio::this_coro::executor);
    never.expires_at(asio::steady_timer::time_point::max());
    co_await never.async_wait(asio::use_awaitable);
    *alive = 1;
}

// Catches the cancellation and goes on waiting, as a careless task would.
asio::awaitable<void> wait_twice(int& waits)
{
    try {
        ++waits;
        co_await wait_for_ever(std::make_shared<int>());
    } catch (const boost::system::system_error&) {
        ++waits;
    }
    co_await wait_for_ever(std::make_shared<int>());
}

asio::awaitable<void> count(int& counter)
{
    ++counter;
    co_return;
}

asio::awaitable<void> fail(std::string what)
{
    co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
    throw std::runtime_error(what);
}

asio::awaitable<void> join_then_count(task_set& tasks, int& joined)
{
    co_await tasks.join();
    ++joined;
}

void on_join(asio::io_context& context, task_set& tasks, int& joined)
{
    asio::co_spawn(context, join_then_count(tasks, joined), [](const std::exception_ptr& thrown) {
        if (thrown) {
            std::rethrow_exception(thrown);
        }
    });
}

TEST_F(TaskSetTest, ForgetsATaskWhenItEnds)
{
    int ran = 0;
    for (int i = 0; i < 1000; ++i) {
        tasks.spawn(count(ran));
    }
    EXPECT_EQ(tasks.size(), 1000U);
    context.run();
    EXPECT_EQ(ran, 1000);
    EXPECT_TRUE(tasks.empty());
}

TEST_F(TaskSetTest, JoinWaitsForTheLastTask)
{
    int joined = 0;
    const auto alive = std::make_shared<int>(0);
    tasks.spawn(wait_for_ever(alive));
    tasks.spawn(wait_for_ever(alive));
    on_join(context, tasks, joined);
    on_join(context, tasks, joined);
    context.poll();
    EXPECT_EQ(joined, 0);
    EXPECT_EQ(alive.use_count(), 3);

    tasks.cancel();
    context.run();
    EXPECT_EQ(joined, 2);
    EXPECT_EQ(alive.use_count(), 1);  // frames are gone
    EXPECT_EQ(*alive, 0);
    EXPECT_TRUE(failures.empty());
}

TEST_F(TaskSetTest, JoinOfAnEmptySetCompletes)
{
    int joined = 0;
    on_join(context, tasks, joined);
    context.run();
    EXPECT_EQ(joined, 1);
}

TEST_F(TaskSetTest, ATaskThatHasNotStartedWhenCancelledNeverDoes)
{
    int ran = 0;
    const auto alive = std::make_shared<int>(0);
    tasks.spawn(count(ran));
    tasks.spawn(wait_for_ever(alive));
    tasks.cancel();
    tasks.cancel();
    context.run();
    EXPECT_TRUE(tasks.empty());
    EXPECT_EQ(ran, 0);
    EXPECT_EQ(alive.use_count(), 1);
}

asio::awaitable<void> cancel_all(task_set& tasks)
{
    tasks.cancel();
    co_return;
}

TEST_F(TaskSetTest, ATaskMayCancelTheSetItIsIn)
{
    const auto alive = std::make_shared<int>(0);
    tasks.spawn(wait_for_ever(alive));
    tasks.spawn(cancel_all(tasks));
    context.run();
    EXPECT_TRUE(tasks.empty());
    EXPECT_TRUE(failures.empty());
}

asio::awaitable<void> wait_for(asio::steady_timer& timer)
{
    co_await timer.async_wait(asio::use_awaitable);
}

TEST_F(TaskSetTest, CancelFromOutsideOfTheContextMeetsATaskThatIsJustEnding)
{
    asio::steady_timer timer(context);
    timer.expires_at(asio::steady_timer::time_point::max());
    tasks.spawn(wait_for(timer));
    context.poll();
    timer.expires_at(asio::steady_timer::time_point::min());  // the end of the wait is queued
    tasks.cancel();
    context.run();
    EXPECT_TRUE(tasks.empty());
}

TEST_F(TaskSetTest, ATaskThatSwallowsTheCancellationEndsAtItsNextWait)
{
    int waits = 0;
    tasks.spawn(wait_twice(waits));
    context.poll();
    tasks.cancel();
    context.run();
    EXPECT_EQ(waits, 2);
    EXPECT_TRUE(tasks.empty());
    EXPECT_TRUE(failures.empty());
}

TEST_F(TaskSetTest, SpawnAfterCancelDestroysTheTaskUnstarted)
{
    tasks.cancel();
    int ran = 0;
    const auto alive = std::make_shared<int>(0);
    tasks.spawn(count(ran));
    tasks.spawn(wait_for_ever(alive));
    EXPECT_TRUE(tasks.empty());
    EXPECT_EQ(alive.use_count(), 1);
    context.run();
    EXPECT_EQ(ran, 0);
}

TEST_F(TaskSetTest, ReportsWhatATaskThrewAndGoesOn)
{
    int ran = 0;
    tasks.spawn(fail("first"));
    tasks.spawn(count(ran));
    tasks.spawn(fail("second"));
    context.run();
    EXPECT_EQ(failures, (std::vector<std::string>{"first", "second"}));
    EXPECT_EQ(ran, 1);
    EXPECT_TRUE(tasks.empty());
}

TEST_F(TaskSetTest, AnAbortedWaitThatNobodyAskedForIsAFailure)
{
    asio::steady_timer timer(context);
    timer.expires_at(asio::steady_timer::time_point::max());
    tasks.spawn(timer.async_wait(asio::use_awaitable));
    context.poll();
    timer.cancel();
    context.run();
    EXPECT_EQ(failures.size(), 1U);
}

}  // namespace
}  // namespace proxy
