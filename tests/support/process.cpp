#include "tests/support/process.hpp"

#include "tests/support/temporary_directory.hpp"
#include "tests/support/text_file.hpp"

#include <algorithm>
#include <csignal>
#include <sstream>
#include <system_error>
#include <thread>

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace support {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds log_poll_interval{2};

[[noreturn]] void fail(const std::string& what)
{
    throw std::system_error(errno, std::generic_category(), what);
}

bool passed_on(std::string_view variable)
{
    const std::string_view name = variable.substr(0, variable.find('='));
    return !name.starts_with("ATOLL_") && !name.ends_with("_proxy") && !name.ends_with("_PROXY");
}

std::vector<std::string> child_environment(const std::vector<std::string>& additional)
{
    std::vector<std::string> result;
    for (char** variable = environ; *variable != nullptr; ++variable) {
        if (passed_on(*variable)) {
            result.emplace_back(*variable);
        }
    }
    result.insert(result.end(), additional.begin(), additional.end());
    return result;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts)
{
    std::vector<char*> result;
    for (std::string& text : texts) {
        result.push_back(text.data());
    }
    result.push_back(nullptr);
    return result;
}

int open_for_writing(const std::filesystem::path& file)
{
    const char* name = file.empty() ? "/dev/null" : file.c_str();
    const int descriptor = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0644);
    if (descriptor < 0) {
        fail("open " + file.string());
    }
    return descriptor;
}

struct child_plan
{
    const char* working_directory;
    char* const* arguments;
    char* const* environment;
    int output;
    int errors;
    pid_t parent;
};

// Between fork and exec only async-signal-safe calls are allowed: other threads of ours may have
// held any lock. That is why everything is prepared before.
[[noreturn]] void become(const child_plan& plan)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != plan.parent) {
        _exit(127);  // the parent was gone before the line above
    }
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    const int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    dup2(nothing, STDIN_FILENO);
    dup2(plan.output, STDOUT_FILENO);
    dup2(plan.errors, STDERR_FILENO);
    if (plan.working_directory[0] != '\0' && chdir(plan.working_directory) != 0) {
        _exit(127);
    }
    execvpe(plan.arguments[0], plan.arguments, plan.environment);
    _exit(127);
}

std::optional<std::string> whole_line(const std::string& text, std::string_view start)
{
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line) && !lines.eof();) {
        if (line.starts_with(start)) {
            return line;
        }
    }
    return std::nullopt;
}

exit_status translate(int status)
{
    exit_status result;
    if (WIFEXITED(status)) {
        result.code = WEXITSTATUS(status);
    } else if (WIFSIGNALED(status)) {
        result.signal = WTERMSIG(status);
    }
    return result;
}

}  // namespace

process::process(const command& what) : log_(what.errors.empty() ? what.output : what.errors)
{
    std::vector<std::string> arguments{what.program.string()};
    arguments.insert(arguments.end(), what.arguments.begin(), what.arguments.end());
    std::vector<std::string> environment = child_environment(what.environment);
    const std::vector<char*> argument_pointers = pointers_to(arguments);
    const std::vector<char*> environment_pointers = pointers_to(environment);
    const int output = open_for_writing(what.output);
    const int errors = what.errors.empty() ? dup(output) : open_for_writing(what.errors);
    const child_plan plan{what.working_directory.c_str(),
        argument_pointers.data(),
        environment_pointers.data(),
        output,
        errors,
        getpid()};

    id_ = fork();
    if (id_ == 0) {
        become(plan);
    }
    close(output);
    close(errors);
    if (id_ < 0) {
        fail("fork for " + what.program.string());
    }
    // Not pidfd_open(): the header of glibc 2.36 forgets to say extern "C".
    descriptor_ = static_cast<int>(syscall(SYS_pidfd_open, id_, 0));
    if (descriptor_ < 0) {
        ::kill(id_, SIGKILL);
        waitpid(id_, nullptr, 0);
        fail("pidfd_open");
    }
}

process::~process()
{
    kill();
    close(descriptor_);
}

void process::signal(int number) const
{
    if (!status_) {  // once it is waited for, the id may belong to somebody else
        ::kill(id_, number);
    }
}

std::optional<exit_status> process::wait(milliseconds patience)
{
    if (status_) {
        return status_;
    }
    const steady_clock::time_point end = steady_clock::now() + patience;
    pollfd ended{descriptor_, POLLIN, 0};
    int ready = 0;
    do {
        const auto left =
            std::chrono::ceil<milliseconds>(std::max(end - steady_clock::now(), end - end));
        ready = poll(&ended, 1, static_cast<int>(left.count()));
    } while (ready < 0 && errno == EINTR);
    if (ready > 0) {
        int status = 0;
        waitpid(id_, &status, 0);
        status_ = translate(status);
    }
    return status_;
}

exit_status process::kill()
{
    signal(SIGKILL);
    return wait(std::chrono::hours{1}).value_or(exit_status());
}

exit_status process::stop(milliseconds patience)
{
    signal(SIGTERM);
    if (const std::optional<exit_status> status = wait(patience)) {
        return *status;
    }
    return kill();
}

std::optional<std::string> process::wait_for_line(std::string_view start, milliseconds patience)
{
    const steady_clock::time_point end = steady_clock::now() + patience;
    while (true) {
        const bool last_look = !running() || steady_clock::now() >= end;
        if (std::optional<std::string> line = whole_line(log(), start)) {
            return line;
        }
        if (last_look) {
            return std::nullopt;
        }
        std::this_thread::sleep_for(log_poll_interval);
    }
}

std::string process::log() const
{
    return log_.empty() ? std::string() : read_file(log_);
}

run_result run(command what, milliseconds patience)
{
    const temporary_directory files;
    what.output = files.path() / "output";
    what.errors = files.path() / "errors";
    process child(what);
    run_result result;
    result.status = child.wait(patience).value_or(exit_status());
    if (child.running()) {
        result.status = child.kill();
    }
    result.output = read_file(what.output);
    result.errors = read_file(what.errors);
    return result;
}

}  // namespace support
