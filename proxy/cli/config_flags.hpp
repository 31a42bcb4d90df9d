// The table of options as flags of a subcommand.

#pragma once

#include "proxy/cli/commands.hpp"
#include "proxy/config_load.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace proxy {

// What the command line said of the configuration; outlives the parser.
struct config_flags
{
    std::string file;
    std::vector<given_flag> given;
};

// Adds --config and every option of the table, or only those named.
void add_config_flags(CLI::App& subcommand, config_flags& flags);
void add_config_flags(
    CLI::App& subcommand, config_flags& flags, const std::vector<std::string_view>& names);

// Prints every error, one per line; the command ends with exit_bad_config then.
std::optional<loaded_config> load_or_explain(
    const config_flags& flags, const command_context& context);

// The same flags and variables, and the file as it is now.
boost::system::result<settings, config_errors> reload_settings(
    const config_flags& flags, const command_context& context);

}  // namespace proxy
