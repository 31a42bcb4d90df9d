// A connection to the origin that is opened while something else is still waited for.

#pragma once

#include "proxy/net/coroutine.hpp"
#include "proxy/net/signal.hpp"
#include "proxy/net/upstream.hpp"

#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <memory>
#include <optional>

namespace proxy {

// Nothing is sent on it: a lookup in the index that takes long costs the origin no request, and the
// client no connection set-up afterwards. Shared between the fetch that may want it and the task
// that opens it, because either may end first; both are on one worker.
class early_connection
{
public:
    explicit early_connection(const asio::any_io_executor& executor)
        : delay_{executor}, opened_{std::make_shared<signal>(executor)}
    {
    }

    // The task: waits for the delay, then connects, unless it is called off before.
    static awaitable<void> open(std::shared_ptr<early_connection> self,
        upstream& connections,
        upstream_target where,
        std::chrono::milliseconds delay);

    // Not wanted any more: what has not begun never begins.
    void call_off();

    // Whether it has begun: then take() is quicker than a new connection.
    bool begun() const { return begun_; }

    // Waits for its end. Once.
    awaitable<result<upstream_connection>> take();

private:
    asio::steady_timer delay_;
    std::shared_ptr<signal> opened_;
    bool called_off_ = false;
    bool begun_ = false;
    std::optional<result<upstream_connection>> connection_;
};

}  // namespace proxy
