#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include <sys/types.h>

namespace support {

// What a running process has used so far; zero when there is no such process.
std::uint64_t peak_resident_octets(pid_t id);  // VmHWM of proc(5)
std::chrono::microseconds cpu_time(pid_t id);  // user and system, all threads; steps of 10 ms

// The processes whose parent is `id`.
std::vector<pid_t> children_of(pid_t id);

}  // namespace support
