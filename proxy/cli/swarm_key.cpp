#include "dht/core/swarm_key.hpp"
#include "dht/net/system_random.hpp"
#include "proxy/cli/commands.hpp"

#include <CLI/CLI.hpp>

#include <istream>
#include <memory>
#include <ostream>
#include <string>

namespace proxy {
namespace {

int print_new(const command_context& context)
{
    dht::system_random random;
    context.out << dht::swarm_key::of_new_swarm(random).text() << '\n';
    return exit_ok;
}

// From standard input: what stands on a command line, every user of the machine can read.
int print_next(const command_context& context)
{
    std::string line;
    std::getline(context.in, line);
    const dht::result<dht::swarm_key> before = dht::swarm_key::parse(line);
    if (!before) {
        context.err << "atoll: standard input: " << before.error().message() << '\n';
        return exit_bad_config;
    }
    dht::system_random random;
    context.out << before->next(random).text() << '\n';
    return exit_ok;
}

}  // namespace

void add_swarm_key(CLI::App& program, command& chosen)
{
    CLI::App* make = program.add_subcommand("swarm-key", "Make the key of a private network.");
    make->footer(
        "  atoll swarm-key > swarm; chmod 600 swarm  the key of a new one\n"
        "  atoll run --swarm-key-file ./swarm        each of its peers\n"
        "  atoll swarm-key --next < swarm            another key of the same, to change to: add "
        "it\n"
        "                                            to each file, move it to the top of each,\n"
        "                                            then remove the old one from each");
    const auto next = std::make_shared<bool>(false);
    make->add_flag("--next", *next, "the key that follows the one on standard input");
    make->callback([next, &chosen] {
        chosen = [next](const command_context& context) {
            return *next ? print_next(context) : print_new(context);
        };
    });
}

}  // namespace proxy
