#include "proxy/cli/commands.hpp"
#include "proxy/cli/config_flags.hpp"

#include <CLI/CLI.hpp>

#include <memory>
#include <optional>

namespace proxy {

void add_run(CLI::App& program, command& chosen)
{
    CLI::App* run = program.add_subcommand("run", "Run a peer until it is told to stop.");
    run->footer(
        "  atoll run\n"
        "  atoll run --peer 0.0.0.0:4128 --advertise 192.0.2.7:4128 --join 192.0.2.1:4128\n"
        "  atoll run --origin http://127.0.0.1:8080 --client 0.0.0.0:80 "
        "--allow-client 192.168.0.0/16\n"
        "  ATOLL_STORE_SIZE=50GiB atoll run --config /etc/atoll/atoll.toml");
    const auto flags = std::make_shared<config_flags>();
    add_config_flags(*run, *flags);
    run->callback([flags, &chosen] {
        chosen = [flags](const command_context& context) -> int {
            const std::optional<loaded_config> loaded = load_or_explain(*flags, context);
            const auto again = [flags, &context] { return reload_settings(*flags, context); };
            return loaded ? context.serve(loaded->values, again) : exit_bad_config;
        };
    });
}

}  // namespace proxy
