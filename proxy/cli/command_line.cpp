#include "proxy/cli/command_line.hpp"

#include <CLI/CLI.hpp>
#include <boost/version.hpp>

#include <algorithm>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace proxy {
namespace {

// Most who ask for help look for a line to copy: examples stand before the list of options.
class examples_first : public CLI::Formatter
{
public:
    std::string make_help(
        const CLI::App* app, std::string name, CLI::AppFormatMode mode) const override
    {
        if (mode == CLI::AppFormatMode::Sub) {
            return CLI::Formatter::make_help(app, std::move(name), mode);
        }
        return make_description(app) + "\nExamples:\n" + make_footer(app) + "\n" +
               make_usage(app, std::move(name)) + make_positionals(app) + make_groups(app, mode) +
               make_subcommands(app, mode);
    }
};

std::string version()
{
    return std::string{"atoll "} + ATOLL_VERSION + " (Boost " +
           std::to_string(BOOST_VERSION / 100'000) + "." +
           std::to_string(BOOST_VERSION / 100 % 1'000) + ", compiler " + __VERSION__ + ")";
}

void describe(CLI::App& program)
{
    auto formatter = std::make_shared<examples_first>();
    constexpr std::size_t options_column = 32;
    formatter->column_width(options_column);
    program.formatter(formatter);
    program.name("atoll");
    program.description("Atoll: an HTTP cache that shares what it holds with its peers.");
    program.footer(
        "  atoll run                                      a peer on this machine\n"
        "  curl -x 127.0.0.1:3128 http://www.example.com  use it\n"
        "  atoll get -o page http://www.example.com       fetch, and say from where\n"
        "  atoll status                                   what it has spared so far");
    program.set_version_flag("--version", version());
    program.require_subcommand(1);
    program.failure_message([](const CLI::App*, const CLI::Error& error) {
        return std::string{"atoll: "} + error.what() + "\nRun 'atoll --help' for examples.\n";
    });
}

bool names_nothing(const CLI::App& program, std::string_view argument)
{
    const std::vector<const CLI::App*> commands = program.get_subcommands(nullptr);
    return !argument.starts_with('-') &&
           std::none_of(commands.begin(), commands.end(), [argument](const CLI::App* command) {
               return command->get_name() == argument;
           });
}

std::string names_of_commands(const CLI::App& program)
{
    std::string names;
    for (const CLI::App* const command : program.get_subcommands(nullptr)) {
        names.append(names.empty() ? " " : ", ").append(command->get_name());
    }
    return names;
}

}  // namespace

int run_command_line(std::span<const char* const> arguments, const command_context& context)
{
    CLI::App program;
    command chosen;
    describe(program);
    add_run(program, chosen);
    add_get(program, chosen);
    add_lookup(program, chosen);
    add_purge(program, chosen);
    add_status(program, chosen);
    add_check(program, chosen);
    add_swarm_key(program, chosen);
    if (!arguments.empty() && names_nothing(program, arguments.front())) {
        context.err << "atoll: there is no command '" << arguments.front() << "'; there are"
                    << names_of_commands(program) << "\nRun 'atoll --help' for examples.\n";
        return exit_usage;
    }
    try {
        // CLI11 takes the arguments from the back.
        std::vector<std::string> reversed{arguments.begin(), arguments.end()};
        std::reverse(reversed.begin(), reversed.end());
        program.parse(std::move(reversed));
    } catch (const CLI::ParseError& error) {
        // Its codes from 100 on mean what every other program calls 2.
        return program.exit(error, context.out, context.err) == 0 ? exit_ok : exit_usage;
    }
    return chosen(context);
}

}  // namespace proxy
