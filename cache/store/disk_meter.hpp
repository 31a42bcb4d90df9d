// How many octets the store's files have on disk, to the octet and at once.

#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

namespace cache {

// Told of every file that is created, grows, shrinks, is renamed or removed. A file counts with its
// length rounded up to whole blocks, as `du` counts it. Thread-safe; one file has one writer.
class disk_meter
{
public:
    // One file; kept by whoever writes it.
    class file
    {
    public:
        std::uint64_t octets() const { return octets_.load(std::memory_order_relaxed); }

    private:
        friend class disk_meter;
        std::atomic<std::uint64_t> octets_{0};
        bool is_log_ = false;  // a write-ahead log
        bool exists_ = true;   // guarded by disk_meter::mutex_
    };

    // A file of this length now has that name; what had it before is gone.
    std::shared_ptr<file> create(const std::string& path, std::uint64_t octets = 0);

    // The file of that name, if there is one.
    std::shared_ptr<file> find(const std::string& path) const;

    void resize(file& resized, std::uint64_t octets);
    void rename(const std::string& from, const std::string& to);
    void remove(const std::string& path);

    // Everything is gone.
    void clear();

    std::uint64_t octets() const { return octets_.load(std::memory_order_relaxed); }

    // The part of octets() that lies in write-ahead logs.
    std::uint64_t log_octets() const { return log_octets_.load(std::memory_order_relaxed); }

private:
    void account(const file& counted, std::uint64_t before, std::uint64_t after);
    void forget(file& gone);

    mutable std::mutex mutex_;  // guards files_ and the lives of files
    std::unordered_map<std::string, std::shared_ptr<file>> files_;
    std::atomic<std::uint64_t> octets_{0};
    std::atomic<std::uint64_t> log_octets_{0};
};

}  // namespace cache
