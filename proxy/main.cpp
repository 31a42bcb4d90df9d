// Signals that are not the server's, the environment, the exit code.

#include "proxy/cli/command_line.hpp"
#include "proxy/server.hpp"

#include <csignal>
#include <exception>
#include <iostream>
#include <span>
#include <string_view>

// POSIX declares it nowhere (environ(7)).
extern char** environ;

namespace {

proxy::environment current_environment()
{
    proxy::environment variables;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        const std::string_view assignment{*entry};
        const std::size_t equals = assignment.find('=');
        if (equals != std::string_view::npos) {
            variables.emplace(assignment.substr(0, equals), assignment.substr(equals + 1));
        }
    }
    return variables;
}

}  // namespace

int main(int count, char** arguments)
{
    // A client that left is an error of that write, not the end of the process.
    std::signal(SIGPIPE, SIG_IGN);
    // So is a file that has grown to the limit of this process (ulimit -f).
    std::signal(SIGXFSZ, SIG_IGN);
    try {
        const proxy::environment variables = current_environment();
        const proxy::command_context context{
            variables, std::cin, std::cout, std::cerr, proxy::run_server};
        const std::span<const char* const> all{arguments, static_cast<std::size_t>(count)};
        return proxy::run_command_line(all.subspan(count > 0 ? 1 : 0), context);
    } catch (const std::exception& error) {
        std::cerr << "atoll: " << error.what() << '\n';
        return proxy::exit_failure;
    }
}
