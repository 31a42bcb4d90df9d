// A file of the machine's configuration that may change while we run.

#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

namespace proxy {

class watched_file
{
public:
    using clock = std::chrono::steady_clock;

    // One look at the time stamp in so long a time: it is asked for each name.
    static constexpr std::chrono::seconds check_interval{5};

    explicit watched_file(std::filesystem::path path) : path_(std::move(path)) {}

    // True if the file has changed, appeared or gone since the last call, and at the first call.
    bool changed(clock::time_point now)
    {
        if (looked_ && now < *looked_ + check_interval) {
            return false;
        }
        const bool first = !looked_;
        looked_ = now;
        std::error_code ec;
        auto stamp = std::filesystem::last_write_time(path_, ec);
        if (ec) {
            stamp = {};
        }
        return std::exchange(stamp_, stamp) != stamp || first;
    }

    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
    std::filesystem::file_time_type stamp_;
    std::optional<clock::time_point> looked_;
};

}  // namespace proxy
