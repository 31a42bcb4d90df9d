// A file in memory whose pages sendfile(2) can hand to a socket without copying them.

#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace cache {

// Places in the file are never used twice, so that octets which a socket still has queued are never
// written over: what is released are the pages, and a page that a socket holds lives on until it
// was sent. The file is mostly holes and occupies what its live places do. Thread-safe.
class page_file
{
public:
    // Where a place begins, and what it occupies.
    struct place
    {
        std::uint64_t offset = 0;
        std::uint64_t occupied_octets = 0;
    };

    // nullptr if the system has no such files or no descriptor left.
    static std::shared_ptr<page_file> create();

    ~page_file();
    page_file(const page_file&) = delete;
    page_file& operator=(const page_file&) = delete;

    // Writes the pieces one after another into a new place; nothing if there is no memory.
    std::optional<place> write(std::span<const std::shared_ptr<const std::string>> pieces);

    // Gives the pages back; the place is not read from here on.
    void release(const place& which);

    int descriptor() const { return descriptor_; }

    // What the pages of all live places occupy, by the system's own account.
    std::uint64_t occupied_octets() const;

private:
    explicit page_file(int descriptor) : descriptor_{descriptor} {}

    int descriptor_;
    std::atomic<std::uint64_t> next_ = 0;
};

}  // namespace cache
