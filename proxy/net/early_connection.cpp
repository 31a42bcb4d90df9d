#include "proxy/net/early_connection.hpp"

#include <utility>

namespace proxy {

awaitable<void> early_connection::open(std::shared_ptr<early_connection> self,
    upstream& connections,
    upstream_target where,
    std::chrono::milliseconds delay)
{
    if (self->called_off_) {
        co_return;
    }
    self->delay_.expires_after(delay);
    co_await self->delay_.async_wait(use_tuple);
    if (self->called_off_) {
        co_return;
    }
    self->begun_ = true;
    self->connection_ = co_await connections.acquire(std::move(where), true);
    self->opened_->wake();
}

void early_connection::call_off()
{
    called_off_ = true;
    delay_.cancel();
}

awaitable<result<upstream_connection>> early_connection::take()
{
    while (!connection_) {
        co_await opened_->wait(std::chrono::steady_clock::time_point::max());
    }
    begun_ = false;
    co_return std::move(*connection_);
}

}  // namespace proxy
