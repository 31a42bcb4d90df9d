// The body of a response in memory.

#pragma once

#include "cache/store/page_file.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace cache {

// Small bodies are one string and are written together with their head. Large ones lie in pages of
// a file, because copying them into a socket costs more than everything else about a hit. Never
// changed; shared by the memory tier and the writes that send it.
class memory_body
{
public:
    // Bodies of so many octets lie in pages, where there is a file. Measured with proxy_bench:
    // below this the second system call costs more than the copy.
    static constexpr std::size_t paged_octets = 32 * 1024;

    // pages: may be nullptr, and is used only as long as it has room.
    static std::shared_ptr<const memory_body> make(
        std::vector<std::shared_ptr<const std::string>> pieces,
        const std::shared_ptr<page_file>& pages);

    ~memory_body();
    memory_body(const memory_body&) = delete;
    memory_body& operator=(const memory_body&) = delete;

    std::size_t size() const { return octets_; }

    // Exactly one of the two describes the body: in_pages() says which.
    bool in_pages() const { return pages_ != nullptr; }
    std::string_view octets() const
    {
        return text_ ? std::string_view{*text_} : std::string_view{};
    }
    int descriptor() const { return pages_->descriptor(); }
    std::uint64_t offset() const { return place_.offset; }

    // With what allocator and pages add.
    std::size_t memory_octets() const;

private:
    memory_body() = default;

    std::size_t octets_ = 0;
    std::shared_ptr<const std::string> text_;
    std::shared_ptr<page_file> pages_;
    page_file::place place_;
};

}  // namespace cache
