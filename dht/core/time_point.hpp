// Time is an argument everywhere in this folder: a driver reads the clock, the simulator owns one.

#pragma once

#include <chrono>

namespace dht {

using time_point = std::chrono::steady_clock::time_point;
using duration = std::chrono::steady_clock::duration;

}  // namespace dht
