// Coarse deadlines for many connections of one worker: one timer for all of them.

#pragma once

#include "proxy/net/coroutine.hpp"

#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <functional>
#include <list>

namespace proxy {

// A timer per read would cost a heap operation per request; idle and stall deadlines need no better
// than the tick. Used on its worker's thread only.
class deadline_list
{
public:
    using clock = std::chrono::steady_clock;
    static constexpr std::chrono::milliseconds tick{250};

    struct record
    {
        clock::time_point due = clock::time_point::max();
        bool expired = false;
        bool idle = false;  // between two requests: a node that drains need not wait for it
        std::function<void()> on_expiry;
    };

    // A connection's entry; removes itself. The list outlives it.
    class entry
    {
    public:
        entry(deadline_list& list, std::function<void()> on_expiry);
        ~entry();
        entry(const entry&) = delete;
        entry& operator=(const entry&) = delete;

        void expires_after(clock::duration time)
        {
            place_->due = clock::now() + time;
            place_->expired = false;
        }
        void never() { place_->due = clock::time_point::max(); }
        bool expired() const { return place_->expired; }
        void idle(bool is_idle) { place_->idle = is_idle; }

    private:
        deadline_list& list_;
        std::list<record>::iterator place_;
    };

    explicit deadline_list(const asio::any_io_executor& executor) : timer_{executor} {}

    // Runs until cancelled.
    awaitable<void> run();

    // Ends the waiting of every idle connection, now and at each later tick.
    void drain();

private:
    void expire(clock::time_point now);

    bool draining_ = false;
    std::list<record> records_;
    asio::steady_timer timer_;
};

}  // namespace proxy
