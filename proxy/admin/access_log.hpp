// The access log on its way to standard output: workers format into buffers of their own, one
// thread writes. A reader that is too slow costs lines, which are counted, never time of a worker.

#pragma once

#include "proxy/config.hpp"
#include "proxy/net/access.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace proxy {

struct access_log_limits
{
    std::size_t flush_octets = 64 * 1024;           // of one worker: written at once
    std::chrono::milliseconds flush_interval{200};  // what is less is written within
    std::size_t buffer_octets = 1 << 20;            // of one worker: beyond, lines are dropped
    std::chrono::milliseconds farewell{1'000};      // a reader that takes nothing at the end
};

class access_log
{
public:
    // Writes to the descriptor, which stays the caller's. workers: how many will record.
    access_log(log_format format,
        std::size_t workers,
        int descriptor,
        const access_log_limits& limits = {});

    // Writes what is left, unless the reader takes nothing for limits.farewell.
    ~access_log();
    access_log(const access_log&) = delete;
    access_log& operator=(const access_log&) = delete;

    // For any thread; fast where each worker keeps to its own number.
    void record(std::size_t worker, const log_record& entry);

    // Lines that were lost: too fast for the reader, or refused by it.
    std::uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }

private:
    struct alignas(64) lane
    {
        std::mutex guard;  // of filling; taken by the worker and for a swap by the writer
        std::string filling;
        std::string writing;  // the writer's alone
    };

    void run();
    void write_lanes();
    bool write(std::string_view text);
    bool wait_writable();

    log_format format_;
    int descriptor_;
    access_log_limits limits_;
    std::vector<std::unique_ptr<lane>> lanes_;  // a lane neither moves nor shares a cache line
    std::atomic<std::uint64_t> dropped_ = 0;
    std::mutex wake_guard_;  // of the two below
    std::condition_variable wake_;
    bool due_ = false;
    std::atomic<bool> stopping_ = false;  // set under wake_guard_
    std::thread writer_;                  // last: it uses everything above
};

}  // namespace proxy
