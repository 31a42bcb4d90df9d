#include "proxy/net/upstream.hpp"

#include "proxy/net/connection_pool.hpp"
#include "proxy/net/dialer.hpp"
#include "proxy/net/upstream_exchange.hpp"

#include <utility>

namespace proxy {

namespace asio = boost::asio;

namespace {

connection_pool::bounds pool_bounds(const limits& limit)
{
    connection_pool::bounds bounds;
    bounds.per_target = limit.idle_connections_per_upstream;
    bounds.total = limit.idle_connections;
    bounds.idle = limit.upstream_keep_alive;
    return bounds;
}

}  // namespace

upstream::upstream(asio::any_io_executor executor, upstream_settings settings)
    : executor_(executor),
      limit_(settings.limit),
      dialer_(std::make_unique<dialer>(executor, std::move(settings))),
      pool_(std::make_shared<connection_pool>(executor, pool_bounds(limit_)))
{
}

upstream::~upstream()
{
    pool_->close();
}

asio::awaitable<boost::system::result<upstream_connection>> upstream::acquire(
    upstream_target target, bool allow_reuse)
{
    std::unique_ptr<connection> idle = allow_reuse ? pool_->take(target) : nullptr;
    if (idle) {
        ++statistics_.reused;
        co_return upstream_connection(std::make_unique<upstream_connection::exchange>(
            limit_, pool_, std::move(target), std::move(idle), true));
    }
    auto fresh = co_await dialer_->dial(target);
    if (!fresh) {
        ++statistics_.failed;
        co_return fresh.error();
    }
    ++statistics_.opened;
    co_return upstream_connection(std::make_unique<upstream_connection::exchange>(
        limit_, pool_, std::move(target), *std::move(fresh), false));
}

asio::awaitable<boost::system::result<asio::ip::tcp::socket>> upstream::connect_tunnel(
    std::string host, std::uint16_t port)
{
    auto socket = co_await dialer_->connect_origin(std::move(host), port, false);
    if (!socket) {
        ++statistics_.failed;
        co_return socket.error();
    }
    ++statistics_.opened;
    boost::system::error_code ignored;  // only latency suffers
    socket->set_option(asio::ip::tcp::no_delay(true), ignored);
    co_return socket;
}

void upstream::allow_targets(std::vector<address_block> allowed)
{
    dialer_->allow_targets(std::move(allowed));
    pool_->close();
    pool_ = std::make_shared<connection_pool>(executor_, pool_bounds(limit_));
}

upstream_statistics upstream::statistics() const
{
    upstream_statistics now = statistics_;
    now.egress_refusals = dialer_->egress_refusals();
    now.idle = pool_->size();
    return now;
}

}  // namespace proxy
