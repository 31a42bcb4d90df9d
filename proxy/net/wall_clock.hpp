// The time that the rules of the cache work with; they read no clock themselves.

#pragma once

#include "cache/policy/http_date.hpp"

#include <chrono>

namespace proxy {

inline cache::wall_time wall_now()
{
    return std::chrono::time_point_cast<std::chrono::milliseconds>(
        std::chrono::system_clock::now());
}

}  // namespace proxy
