#include "tests/support/call_failures.hpp"

#include "tests/support/text_file.hpp"

#include <stdexcept>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

namespace support {

call_failures::call_failures(const std::filesystem::path& plan_file) : file_(plan_file)
{
    write_file(file_, std::string(sizeof(fail_plan), '\0'));
    const int descriptor = open(file_.c_str(), O_RDWR | O_CLOEXEC);
    void* const page =
        descriptor < 0
            ? MAP_FAILED
            : mmap(nullptr, sizeof(fail_plan), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    close(descriptor);
    if (page == MAP_FAILED) {
        throw std::runtime_error("cannot map " + file_.string());
    }
    plan_ = static_cast<fail_plan*>(page);
}

call_failures::~call_failures()
{
    munmap(plan_, sizeof(fail_plan));
}

std::vector<std::string> call_failures::environment() const
{
    return {"LD_PRELOAD=" ATOLL_FAIL_CALLS, "FAIL_CALLS_PLAN=" + file_.string()};
}

void call_failures::arm(std::uint32_t kinds, std::int64_t number)
{
    failed_before_ = plan_->failed;
    plan_->kinds = kinds;
    plan_->until_failure = number;
}

bool call_failures::disarm()
{
    plan_->until_failure = 0;
    return plan_->failed != failed_before_;
}

}  // namespace support
