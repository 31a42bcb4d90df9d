// The subcommands. Each file adds one to the parser; parsing leaves the one that was chosen.

#pragma once

#include "proxy/cli/exit_code.hpp"
#include "proxy/config_load.hpp"

#include <functional>
#include <iosfwd>

namespace CLI {  // NOLINT(readability-identifier-naming): so it is called
class App;
}

namespace proxy {

// What a command works with; outlives it.
struct command_context
{
    const environment& variables;
    std::istream& in;
    std::ostream& out;  // results
    std::ostream& err;  // everything that is not a result
    std::function<int(const settings&, const settings_reader&)> serve;
    std::filesystem::path system_file = "/etc/atoll/atoll.toml";
};

// Returns the exit code of the process.
using command = std::function<int(const command_context&)>;

// `chosen` outlives the parser; a subcommand sets it when it was named on the command line.
void add_run(CLI::App& program, command& chosen);
void add_get(CLI::App& program, command& chosen);
void add_lookup(CLI::App& program, command& chosen);
void add_purge(CLI::App& program, command& chosen);
void add_status(CLI::App& program, command& chosen);
void add_check(CLI::App& program, command& chosen);
void add_swarm_key(CLI::App& program, command& chosen);

}  // namespace proxy
