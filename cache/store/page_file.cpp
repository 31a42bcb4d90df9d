#include "cache/store/page_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace cache {
namespace {

constexpr std::uint64_t page_octets = 4096;

// Where the administrator has memory files kept in huge pages, none is shared by two places:
// releasing a part of one would clear octets that a socket may still have to send.
constexpr std::uint64_t huge_page_octets = 2 * 1024 * 1024;

constexpr std::uint64_t round_up(std::uint64_t octets, std::uint64_t unit)
{
    return (octets + unit - 1) / unit * unit;
}

bool write_all(int descriptor, const std::string& octets, std::uint64_t offset)
{
    std::size_t done = 0;
    while (done < octets.size()) {
        const ssize_t written = ::pwrite(descriptor,
            octets.data() + done,
            octets.size() - done,
            static_cast<off_t>(offset + done));
        if (written <= 0) {
            return false;
        }
        done += static_cast<std::size_t>(written);
    }
    return true;
}

}  // namespace

std::shared_ptr<page_file> page_file::create()
{
    const int descriptor = ::memfd_create("atoll-bodies", MFD_CLOEXEC);
    if (descriptor < 0) {
        return nullptr;
    }
    return std::shared_ptr<page_file>{new page_file{descriptor}};
}

page_file::~page_file()
{
    ::close(descriptor_);
}

std::optional<page_file::place> page_file::write(
    std::span<const std::shared_ptr<const std::string>> pieces)
{
    std::uint64_t octets = 0;
    for (const std::shared_ptr<const std::string>& piece : pieces) {
        octets += piece->size();
    }
    place fresh;
    fresh.occupied_octets = round_up(octets, page_octets);
    fresh.offset = next_.fetch_add(round_up(octets, huge_page_octets), std::memory_order_relaxed);
    std::uint64_t offset = fresh.offset;
    for (const std::shared_ptr<const std::string>& piece : pieces) {
        if (!write_all(descriptor_, *piece, offset)) {
            release(fresh);
            return std::nullopt;
        }
        offset += piece->size();
    }
    return fresh;
}

void page_file::release(const place& which)
{
    const std::uint64_t length = round_up(which.occupied_octets, huge_page_octets);
    static_cast<void>(::fallocate(descriptor_,
        FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
        static_cast<off_t>(which.offset),
        static_cast<off_t>(length)));
}

std::uint64_t page_file::occupied_octets() const
{
    struct stat status = {};
    constexpr std::uint64_t block_octets = 512;  // of st_blocks, whatever st_blksize says
    return ::fstat(descriptor_, &status) == 0
               ? static_cast<std::uint64_t>(status.st_blocks) * block_octets
               : 0;
}

}  // namespace cache
