// The program's command line: parses, runs the chosen subcommand, gives its exit code.

#pragma once

#include "proxy/cli/commands.hpp"

#include <span>

namespace proxy {

// arguments: without the program's name. Never throws for what a user wrote.
int run_command_line(std::span<const char* const> arguments, const command_context& context);

}  // namespace proxy
