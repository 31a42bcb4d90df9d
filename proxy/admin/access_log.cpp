#include "proxy/admin/access_log.hpp"

#include "proxy/admin/access_line.hpp"

#include <boost/assert.hpp>

#include <sys/poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>

namespace proxy {
namespace {

std::uint64_t lines_in(std::string_view text)
{
    return static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

access_log::access_log(
    log_format format, std::size_t workers, int descriptor, const access_log_limits& limits)
    : format_{format}, descriptor_{descriptor}, limits_{limits}
{
    for (std::size_t i = 0; i < workers; ++i) {
        lanes_.push_back(std::make_unique<lane>());
    }
    writer_ = std::thread{[this] { run(); }};
}

access_log::~access_log()
{
    {
        const std::lock_guard lock{wake_guard_};
        stopping_ = true;
    }
    wake_.notify_one();
    writer_.join();
}

void access_log::record(std::size_t worker, const log_record& entry)
{
    BOOST_ASSERT(worker < lanes_.size());
    lane& own = *lanes_[worker];
    bool became_due = false;
    {
        const std::lock_guard lock{own.guard};
        if (own.filling.size() >= limits_.buffer_octets) {
            dropped_.fetch_add(1, std::memory_order_relaxed);
            return;
        }
        const bool was_due = own.filling.size() >= limits_.flush_octets;
        append_access_line(own.filling, entry, format_);
        became_due = !was_due && own.filling.size() >= limits_.flush_octets;
    }
    if (became_due) {
        {
            const std::lock_guard lock{wake_guard_};
            due_ = true;
        }
        wake_.notify_one();
    }
}

void access_log::run()
{
    while (true) {
        bool last = false;
        {
            std::unique_lock lock{wake_guard_};
            wake_.wait_for(lock, limits_.flush_interval, [this] { return due_ || stopping_; });
            due_ = false;
            last = stopping_;
        }
        write_lanes();
        if (last) {
            return;
        }
    }
}

void access_log::write_lanes()
{
    for (const std::unique_ptr<lane>& each : lanes_) {
        {
            const std::lock_guard lock{each->guard};
            each->writing.swap(each->filling);
        }
        write(each->writing);
        each->writing.clear();  // keeps its room for the next swap
    }
}

// False when the reader is gone, or takes nothing while we are to end.
bool access_log::write(std::string_view text)
{
    while (!text.empty()) {
        if (!wait_writable()) {
            dropped_.fetch_add(lines_in(text), std::memory_order_relaxed);
            return false;
        }
        // A pipe that is writable takes so much without blocking (pipe(7)); a blocked write could
        // not be ended.
        const std::size_t piece = std::min<std::size_t>(text.size(), PIPE_BUF);
        const ssize_t written = ::write(descriptor_, text.data(), piece);
        if (written > 0) {
            text.remove_prefix(static_cast<std::size_t>(written));
        } else if (errno != EINTR && errno != EAGAIN) {
            dropped_.fetch_add(lines_in(text), std::memory_order_relaxed);
            return false;
        }
    }
    return true;
}

bool access_log::wait_writable()
{
    constexpr std::chrono::milliseconds look{50};  // at whether we are to end
    std::chrono::milliseconds waited{0};
    while (true) {
        pollfd watched{descriptor_, POLLOUT, 0};
        const int ready = ::poll(&watched, 1, static_cast<int>(look.count()));
        if (ready > 0) {
            return (watched.revents & POLLOUT) != 0;
        }
        waited += stopping_ ? look : std::chrono::milliseconds{0};
        if (waited >= limits_.farewell) {
            return false;
        }
    }
}

}  // namespace proxy
