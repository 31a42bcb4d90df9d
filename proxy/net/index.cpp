#include "proxy/net/index.hpp"

#include "proxy/net/signal.hpp"

#include <memory>
#include <optional>
#include <utility>

namespace proxy {
namespace {

// Shared with the transport's thread, which may answer after the asker has gone.
struct pending_get
{
    std::mutex mutex;
    std::optional<dht::get_result> answer;
};

}  // namespace

index::index(dht::udp_transport& transport, std::string network, const dht::swarm_ring& ring)
    : transport_{transport}, network_{std::move(network)}
{
    if (!ring.is_empty()) {
        swarm_id_ = ring.keys().front().swarm_id();
    }
}

awaitable<dht::get_result> index::get(cache::cache_key key, std::chrono::milliseconds budget)
{
    return ask([this, where = index_key(key), budget](
                   handler done) { transport_.get(where, budget, std::move(done)); },
        budget);
}

awaitable<dht::get_result> index::get_again(
    cache::cache_key key, std::vector<dht::endpoint> rejected, std::chrono::milliseconds budget)
{
    return ask(
        [this, where = index_key(key), rejected = std::move(rejected), budget](
            handler done) { transport_.get_again(where, rejected, budget, std::move(done)); },
        budget);
}

awaitable<dht::get_result> index::trace(dht::node_id key, std::chrono::milliseconds budget)
{
    return ask(
        [this, key, budget](handler done) { transport_.trace(key, budget, std::move(done)); },
        budget);
}

awaitable<dht::get_result> index::ask(
    std::function<void(handler)> begin, std::chrono::milliseconds budget)
{
    const auto waker = std::make_shared<signal>(co_await asio::this_coro::executor);
    const auto pending = std::make_shared<pending_get>();
    auto done = [waker, pending](dht::get_result answer) {
        {
            const std::lock_guard lock{pending->mutex};
            pending->answer = std::move(answer);
        }
        waker->wake();
    };
    begin(std::move(done));
    // The transport keeps the budget; the margin only covers a transport that is stopping.
    const auto deadline = std::chrono::steady_clock::now() + budget + std::chrono::milliseconds{50};
    dht::get_result found;
    found.timed_out = true;
    while (std::chrono::steady_clock::now() < deadline) {
        co_await waker->wait(deadline);
        const std::lock_guard lock{pending->mutex};
        if (pending->answer) {
            found = std::move(*pending->answer);
            break;
        }
    }
    co_return found;
}

void index::announce(
    const cache::cache_key& key, dht::pointer_state state, std::chrono::seconds ttl)
{
    dht::pointer ours;
    ours.state = state;
    transport_.announce(index_key(key), ours, ttl);
}

void index::withdraw(const cache::cache_key& key)
{
    transport_.withdraw(index_key(key));
}

dht::node_id index::index_key(const cache::cache_key& key) const
{
    return swarm_id_ ? dht::swarm_index_key(*swarm_id_, network_, key.text(), {})
                     : dht::index_key(network_, key.text(), {});
}

}  // namespace proxy
