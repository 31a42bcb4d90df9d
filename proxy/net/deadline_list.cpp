#include "proxy/net/deadline_list.hpp"

#include <utility>

namespace proxy {

deadline_list::entry::entry(deadline_list& list, std::function<void()> on_expiry) : list_{list}
{
    record fresh;
    fresh.on_expiry = std::move(on_expiry);
    place_ = list_.records_.insert(list_.records_.end(), std::move(fresh));
}

deadline_list::entry::~entry()
{
    list_.records_.erase(place_);
}

awaitable<void> deadline_list::run()
{
    while (true) {
        timer_.expires_after(tick);
        const auto [error] = co_await timer_.async_wait(use_tuple);
        if (error) {
            co_return;
        }
        expire(clock::now());
    }
}

void deadline_list::drain()
{
    draining_ = true;
    expire(clock::now());
}

void deadline_list::expire(clock::time_point now)
{
    // on_expiry only cancels operations; entries leave the list later, when their coroutines
    // resume.
    for (record& candidate : records_) {
        const bool due = candidate.due <= now || (draining_ && candidate.idle);
        if (due && !candidate.expired && candidate.due != clock::time_point::max()) {
            candidate.expired = true;
            candidate.on_expiry();
        }
    }
}

}  // namespace proxy
