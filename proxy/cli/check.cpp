#include "proxy/cli/commands.hpp"
#include "proxy/cli/config_flags.hpp"
#include "proxy/config_values.hpp"

#include <CLI/CLI.hpp>

#include <memory>
#include <optional>
#include <ostream>

namespace proxy {
namespace {

void print(const loaded_config& loaded, std::ostream& out)
{
    const settings& values = loaded.values;
    out << "ok: " << (loaded.file.empty() ? "no file, defaults" : loaded.file.string()) << '\n'
        << "client  " << to_string(values.client) << '\n'
        << "peer    " << to_string(values.peer) << (values.use_peers ? "" : " (not used: no-peers)")
        << '\n'
        << "admin   " << to_string(values.admin) << '\n'
        << "store   " << values.store.string() << '\n'
        << "state   " << values.state.string() << '\n';
    if (!values.swarm_keys.empty()) {
        out << "swarm   private, keys accepted: " << values.swarm_keys.size() << '\n';
    }
    for (const route& origin : values.origins) {
        out << "origin  " << to_string(origin) << '\n';
    }
}

}  // namespace

void add_check(CLI::App& program, command& chosen)
{
    CLI::App* check = program.add_subcommand("check", "Validate a configuration.");
    check->footer(
        "  atoll check\n"
        "  atoll check --config ./atoll.toml --store-size 50GiB");
    const auto flags = std::make_shared<config_flags>();
    add_config_flags(*check, *flags);
    check->callback([flags, &chosen] {
        chosen = [flags](const command_context& context) -> int {
            const std::optional<loaded_config> loaded = load_or_explain(*flags, context);
            if (!loaded) {
                return exit_bad_config;
            }
            print(*loaded, context.out);
            return exit_ok;
        };
    });
}

}  // namespace proxy
