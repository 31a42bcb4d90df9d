#include "tests/support/process_usage.hpp"

#include "tests/support/text_file.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>

#include <unistd.h>

namespace support {

std::uint64_t peak_resident_octets(pid_t id)
{
    std::ifstream status("/proc/" + std::to_string(id) + "/status");
    std::string word;
    while (status >> word) {
        if (word == "VmHWM:") {
            std::uint64_t kibibytes = 0;
            status >> kibibytes;
            return kibibytes * 1024;
        }
    }
    return 0;
}

std::chrono::microseconds cpu_time(pid_t id)
{
    const std::string text = read_file("/proc/" + std::to_string(id) + "/stat");
    // The second field is the program's name in parentheses and may hold blanks (proc(5)).
    std::istringstream fields(text.substr(std::min(text.size(), text.rfind(')') + 1)));
    std::string skipped;
    for (int field = 3; field < 14; ++field) {
        fields >> skipped;
    }
    std::int64_t user_ticks = 0;
    std::int64_t system_ticks = 0;
    fields >> user_ticks >> system_ticks;
    const std::int64_t ticks_per_second = sysconf(_SC_CLK_TCK);
    return std::chrono::microseconds((user_ticks + system_ticks) * 1'000'000 / ticks_per_second);
}

std::vector<pid_t> children_of(pid_t id)
{
    const std::string name = std::to_string(id);
    std::istringstream list(read_file("/proc/" + name + "/task/" + name + "/children"));
    std::vector<pid_t> result;
    for (pid_t child = 0; list >> child;) {
        result.push_back(child);
    }
    return result;
}

}  // namespace support
