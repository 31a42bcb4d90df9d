// Time is an argument everywhere in this folder: a driver reads the clock, the simulator owns one.

#pragma once

#include <chrono>

namespace dht {

using time_point = std::chrono::steady_clock::time_point;
using duration = std::chrono::steady_clock::duration;

// What nodes compare with each other; only the age of a datagram is judged by it.
using unix_time = std::chrono::sys_seconds;

}  // namespace dht
