// Runs the body of a test as a coroutine.

#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <exception>
#include <utility>

namespace support {

// Runs the context until the body ends. A body that hangs fails the test after a minute: far more
// than any deadline in a test, so that a slow machine does not matter.
inline void run_coroutine(boost::asio::io_context& context, boost::asio::awaitable<void> body)
{
    bool ended = false;
    std::exception_ptr thrown;
    boost::asio::co_spawn(context, std::move(body), [&](const std::exception_ptr& exception) {
        thrown = exception;
        ended = true;
    });
    context.restart();
    const auto limit = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (!ended && std::chrono::steady_clock::now() < limit) {
        context.run_one_until(limit);
    }
    ASSERT_TRUE(ended) << "the coroutine hangs";
    if (thrown) {
        std::rethrow_exception(thrown);
    }
}

}  // namespace support
