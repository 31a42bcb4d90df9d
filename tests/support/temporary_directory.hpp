#pragma once

#include <filesystem>

namespace support {

// A folder below the system's temporary folder that vanishes with all it holds. Short, so that the
// path of a Unix socket in it stays below the 108 octets that the kernel allows.
class temporary_directory
{
public:
    temporary_directory();
    ~temporary_directory();
    temporary_directory(const temporary_directory&) = delete;
    temporary_directory& operator=(const temporary_directory&) = delete;

    const std::filesystem::path& path() const { return path_; }

    // Leaves the folder behind, for a person who wants to look at it.
    void keep() { keep_ = true; }

private:
    std::filesystem::path path_;
    bool keep_ = false;
};

}  // namespace support
