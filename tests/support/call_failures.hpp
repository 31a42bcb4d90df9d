#pragma once

#include "tests/support/fail_calls/plan.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace support {

// Makes calls of another process fail, one at a time.
class call_failures
{
public:
    explicit call_failures(const std::filesystem::path& plan_file);
    ~call_failures();
    call_failures(const call_failures&) = delete;
    call_failures& operator=(const call_failures&) = delete;

    // Of the process whose calls are to fail.
    std::vector<std::string> environment() const;

    // From now on the call of that number fails, counted over all calls of these kinds.
    void arm(std::uint32_t kinds, std::int64_t number);

    // No call fails any more. Whether one has since arm().
    bool disarm();

private:
    std::filesystem::path file_;
    fail_plan* plan_ = nullptr;
    std::uint64_t failed_before_ = 0;
};

}  // namespace support
