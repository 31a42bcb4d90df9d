// Wakes one waiting coroutine from any thread.

#pragma once

#include "proxy/net/coroutine.hpp"

#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <memory>

namespace proxy {

// Shared between the coroutine that waits and those who wake it, because either may be gone first.
// wait() is called on the executor given at construction only; wake() from any thread. A wake
// between two waits ends the next one at once, so that nothing is missed; a wait may also end
// without cause: callers look again at what they wait for.
class signal : public std::enable_shared_from_this<signal>
{
public:
    explicit signal(const asio::any_io_executor& executor) : timer_{executor} {}

    void wake()
    {
        asio::post(timer_.get_executor(), [self = shared_from_this()] {
            self->woken_ = true;
            self->timer_.cancel();
        });
    }

    awaitable<void> wait(std::chrono::steady_clock::time_point deadline)
    {
        if (!woken_) {
            timer_.expires_at(deadline);
            co_await timer_.async_wait(use_tuple);
        }
        woken_ = false;
    }

private:
    asio::steady_timer timer_;
    bool woken_ = false;
};

}  // namespace proxy
