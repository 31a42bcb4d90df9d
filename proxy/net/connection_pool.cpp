#include "proxy/net/connection_pool.hpp"

#include <algorithm>
#include <utility>

namespace proxy {

connection_pool::connection_pool(const boost::asio::any_io_executor& executor, const bounds& limits)
    : expiry_(executor), limits_(limits)
{
}

std::unique_ptr<connection> connection_pool::take(const upstream_target& target)
{
    for (auto known = by_target_.find(target); known != by_target_.end();
         known = by_target_.find(target)) {
        std::unique_ptr<connection> candidate = remove(known->second.back());
        boost::system::error_code ignored;
        candidate->socket().cancel(ignored);  // ends the watch
        if (candidate->quiet()) {
            return candidate;
        }
    }
    return nullptr;
}

void connection_pool::put(const upstream_target& target, std::unique_ptr<connection> idle)
{
    if (closed_ || limits_.per_target == 0 || limits_.total == 0) {
        return;
    }
    const auto same = by_target_.find(target);
    if (same != by_target_.end() && same->second.size() >= limits_.per_target) {
        remove(same->second.front());
    } else if (idle_.size() >= limits_.total) {
        remove(idle_.begin());
    }
    entry fresh = {target, std::move(idle), std::chrono::steady_clock::now(), next_number_++};
    const auto position = idle_.insert(idle_.end(), std::move(fresh));
    by_target_[target].push_back(position);
    watch(*position);
    if (idle_.size() == 1) {
        wait_for_expiry();
    }
}

void connection_pool::close()
{
    closed_ = true;
    by_target_.clear();
    idle_.clear();
    expiry_.cancel();
}

void connection_pool::watch(entry& watched)
{
    watched.idle->socket().async_wait(boost::asio::ip::tcp::socket::wait_read,
        [weak = weak_from_this(), target = watched.target, number = watched.number](
            const boost::system::error_code& ec) {
            const auto self = weak.lock();
            if (!ec && self) {
                self->close_number(target, number);
            }
        });
}

// The number, not the socket, says whether it is still the connection that was watched.
void connection_pool::close_number(const upstream_target& target, std::size_t number)
{
    const auto same = by_target_.find(target);
    if (same == by_target_.end()) {
        return;
    }
    const auto position = std::find_if(same->second.begin(),
        same->second.end(),
        [number](entries::iterator candidate) { return candidate->number == number; });
    if (position != same->second.end()) {
        remove(*position);
    }
}

void connection_pool::close_expired()
{
    const auto now = std::chrono::steady_clock::now();
    while (!idle_.empty() && idle_.front().since + limits_.idle <= now) {
        remove(idle_.begin());
    }
    wait_for_expiry();
}

void connection_pool::wait_for_expiry()
{
    if (idle_.empty()) {
        return;
    }
    expiry_.expires_at(idle_.front().since + limits_.idle);
    expiry_.async_wait([weak = weak_from_this()](const boost::system::error_code& ec) {
        const auto self = weak.lock();
        if (!ec && self) {
            self->close_expired();
        }
    });
}

std::unique_ptr<connection> connection_pool::remove(entries::iterator position)
{
    const auto same = by_target_.find(position->target);
    std::erase(same->second, position);
    if (same->second.empty()) {
        by_target_.erase(same);
    }
    std::unique_ptr<connection> removed = std::move(position->idle);
    idle_.erase(position);
    return removed;
}

}  // namespace proxy
