#include "proxy/net/client_stream.hpp"
#include "proxy/net/task_set.hpp"
#include "tests/support/run_coroutine.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>
#include <string>
#include <thread>

namespace proxy {
namespace {

using asio::ip::tcp;
using std::chrono::milliseconds;

// One piece, and what the buffers of two sockets hold.
constexpr std::uint64_t most_octets_in_a_turn = 32 << 20;

// Takes its turn as often as it gets one; how many octets were sent at most between two of them.
awaitable<std::uint64_t> take_turns(const std::atomic<std::uint64_t>& sent_octets, const bool& over)
{
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    std::uint64_t most = 0;
    while (!over) {
        const std::uint64_t before = sent_octets;
        co_await asio::post(executor, asio::use_awaitable);
        most = std::max(most, sent_octets - before);
    }
    co_return most;
}

// Others on the same thread get their turn, however fast a client goes on sending.
TEST(ClientStreamTest, LingeringDoesNotHoldTheThread)
{
    asio::io_context context{1};
    tcp::acceptor acceptor(context, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    tcp::socket sender(context);
    sender.connect(acceptor.local_endpoint());
    deadline_list deadlines(context.get_executor());
    client_stream stream(acceptor.accept(), deadlines);
    std::atomic<std::uint64_t> sent_octets = 0;
    std::thread flood([&] {
        const std::string piece(1 << 20, 'x');
        error_code ended;
        while (!ended) {
            sent_octets += asio::write(sender, asio::buffer(piece), ended);
        }
    });
    bool over = false;
    std::uint64_t most = 0;
    const auto linger = [&]() -> awaitable<void> {
        co_await stream.linger(milliseconds(1'000));
        over = true;
    };
    const auto measure = [&]() -> awaitable<void> {
        most = co_await take_turns(sent_octets, over);
    };
    task_set tasks(
        context.get_executor(), [](const std::exception_ptr&) { ADD_FAILURE() << "it threw"; });
    tasks.spawn(linger());
    support::run_coroutine(context, measure());
    flood.join();
    EXPECT_GT(sent_octets, 0U);
    EXPECT_LT(most, most_octets_in_a_turn);
}

}  // namespace
}  // namespace proxy
