#include "proxy/net/connect_race.hpp"

#include "proxy/net/upstream_errc.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/assert.hpp>

#include <algorithm>
#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <utility>

namespace proxy {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

// Shared with the attempts: the last of them may complete, aborted, after the race is over.
class race : public std::enable_shared_from_this<race>
{
public:
    explicit race(const asio::any_io_executor& executor) : changed(executor) {}

    void start(const tcp::endpoint& endpoint)
    {
        const std::size_t number = attempts_.size();
        attempts_.emplace_back(changed.get_executor());
        ++running_;
        attempts_[number].async_connect(
            endpoint, [self = shared_from_this(), number](const boost::system::error_code& ec) {
                self->finished(number, ec);
            });
    }

    // Ends every attempt; the winner's socket has been taken before.
    void abandon()
    {
        for (tcp::socket& attempt : attempts_) {
            boost::system::error_code ignored;
            attempt.close(ignored);
        }
    }

    bool all_failed() const { return running_ == 0 && !winner_; }
    bool won() const { return winner_.has_value(); }
    tcp::socket take_winner() { return std::move(attempts_[*winner_]); }
    upstream_errc failure() const { return failure_.value_or(upstream_errc::connect_failed); }

    asio::steady_timer changed;  // cancelled whenever an attempt ends

private:
    void finished(std::size_t number, const boost::system::error_code& ec)
    {
        --running_;
        if (!ec && !winner_) {
            winner_ = number;
        } else if (ec) {
            note_failure(ec);
        }
        changed.cancel();
    }

    void note_failure(const boost::system::error_code& ec)
    {
        upstream_errc reason = upstream_errc::connect_failed;
        if (ec == asio::error::connection_refused) {
            reason = upstream_errc::connect_refused;
        } else if (ec == asio::error::timed_out) {
            reason = upstream_errc::connect_timeout;
        } else if (ec == asio::error::no_descriptors) {
            reason = upstream_errc::overloaded;
        }
        // What differs between addresses says no more than that none could be reached.
        const bool differs = failure_.value_or(reason) != reason;
        failure_ = differs ? upstream_errc::connect_failed : reason;
    }

    std::deque<tcp::socket> attempts_;  // sockets stay where they are while they connect
    std::size_t running_ = 0;
    std::optional<std::size_t> winner_;
    std::optional<upstream_errc> failure_;
};

// Ends the attempts however the coroutine ends.
class abandon_at_exit
{
public:
    explicit abandon_at_exit(std::shared_ptr<race> running) : running_(std::move(running)) {}
    ~abandon_at_exit() { running_->abandon(); }
    abandon_at_exit(const abandon_at_exit&) = delete;
    abandon_at_exit& operator=(const abandon_at_exit&) = delete;

private:
    std::shared_ptr<race> running_;
};

}  // namespace

std::vector<asio::ip::address> alternate_families(const std::vector<asio::ip::address>& addresses)
{
    std::vector<asio::ip::address> v6;
    std::vector<asio::ip::address> v4;
    for (const asio::ip::address& address : addresses) {
        (address.is_v6() ? v6 : v4).push_back(address);
    }
    std::vector<asio::ip::address> mixed;
    for (std::size_t i = 0; i < std::max(v6.size(), v4.size()); ++i) {
        if (i < v6.size()) {
            mixed.push_back(v6[i]);
        }
        if (i < v4.size()) {
            mixed.push_back(v4[i]);
        }
    }
    return mixed;
}

asio::awaitable<boost::system::result<tcp::socket>> connect_first(
    std::vector<tcp::endpoint> endpoints,
    std::chrono::milliseconds stagger,
    std::chrono::steady_clock::time_point deadline)
{
    constexpr auto use_tuple = asio::as_tuple(asio::use_awaitable);
    BOOST_ASSERT(!endpoints.empty());
    const auto running = std::make_shared<race>(co_await asio::this_coro::executor);
    const abandon_at_exit guard(running);

    std::size_t started = 0;
    while (true) {
        if (started < endpoints.size()) {
            running->start(endpoints[started]);
            ++started;
        }
        const auto next_start = std::chrono::steady_clock::now() + stagger;
        running->changed.expires_at(
            started < endpoints.size() ? std::min(next_start, deadline) : deadline);
        co_await running->changed.async_wait(use_tuple);

        if (running->won()) {
            co_return running->take_winner();
        }
        if ((co_await asio::this_coro::cancellation_state).cancelled() !=
            asio::cancellation_type::none) {
            co_return upstream_errc::cancelled;
        }
        if (std::chrono::steady_clock::now() >= deadline) {
            co_return upstream_errc::connect_timeout;
        }
        if (running->all_failed() && started == endpoints.size()) {
            co_return running->failure();
        }
    }
}

}  // namespace proxy
