#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

namespace support {

struct command
{
    std::filesystem::path program;  // without a slash: looked up in PATH
    std::vector<std::string> arguments;
    std::vector<std::string> environment;     // NAME=value, beside the cleaned environment of ours
    std::filesystem::path working_directory;  // empty: ours
    std::filesystem::path output;             // file for standard output; empty: /dev/null
    std::filesystem::path errors;             // file for standard error; empty: the same as output
};

struct exit_status
{
    int code = -1;   // of exit(); -1 when a signal ended the process
    int signal = 0;  // that ended it; 0 when it exited by itself

    bool success() const { return code == 0; }
    friend bool operator==(const exit_status&, const exit_status&) = default;
};

// One child process. It is ended by its process id only, and at the latest by the destructor. It
// dies with us too (PR_SET_PDEATHSIG); the kernel means the *thread* that started it, so start
// processes from a thread that lives as long as they should.
//
// Proxy settings and ATOLL_* variables of whoever runs the tests are not passed on.
class process
{
public:
    // Throws std::system_error if the program cannot be started.
    explicit process(const command& what);
    ~process();
    process(const process&) = delete;
    process& operator=(const process&) = delete;

    pid_t id() const { return id_; }
    void signal(int number) const;

    // The status once the process has ended; nothing when it is still running after `patience`.
    std::optional<exit_status> wait(std::chrono::milliseconds patience);
    bool running() { return !wait(std::chrono::milliseconds::zero()).has_value(); }

    // SIGKILL, and wait for the end.
    exit_status kill();
    // SIGTERM, and SIGKILL if that does not end it within `patience`.
    exit_status stop(std::chrono::milliseconds patience);

    // Waits until the file of standard error has a whole line that starts like that and returns the
    // line; nothing when the process ends or `patience` is over before.
    std::optional<std::string> wait_for_line(
        std::string_view start, std::chrono::milliseconds patience);
    std::string log() const;

private:
    std::filesystem::path log_;
    pid_t id_ = -1;
    int descriptor_ = -1;  // a pidfd: becomes readable when the process ends
    std::optional<exit_status> status_;
};

struct run_result
{
    exit_status status;
    std::string output;
    std::string errors;
};

// Runs a program to its end. Killed after `patience`, which the status then says (signal 9).
run_result run(command what, std::chrono::milliseconds patience);

}  // namespace support
