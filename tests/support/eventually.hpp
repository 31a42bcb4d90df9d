#pragma once

#include "tests/support/sanitized.hpp"

#include <chrono>
#include <thread>

namespace support {

// Whether that comes true, looked at again and again: for what another thread or process does a
// moment later. The patience is for a machine that is busy with other things; no claim is about it.
template <typename Condition>
bool eventually(Condition holds)
{
    constexpr std::chrono::seconds patience{sanitized ? 100 : 20};
    const auto end = std::chrono::steady_clock::now() + patience;
    while (!holds()) {
        if (std::chrono::steady_clock::now() > end) {
            return false;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return true;
}

}  // namespace support
