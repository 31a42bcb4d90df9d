// What a test and the library that is preloaded into a program share: one page of a file that both
// have mapped.

#pragma once

#include <atomic>
#include <cstdint>

namespace support {

struct fail_plan
{
    enum kind : std::uint32_t
    {
        sockets = 1,  // accept, connect, socket, receiving and sending on streams, sendfile
        files = 2,    // open, read, write, sync, truncate, rename of regular files
    };

    std::atomic<std::uint32_t> kinds;         // that count
    std::atomic<std::int64_t> until_failure;  // 1: the next call fails; 0 or less: none does
    std::atomic<std::uint64_t> failed;        // how many have failed so far
};

}  // namespace support
