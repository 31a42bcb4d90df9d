#include "proxy/cli/admin_page.hpp"
#include "proxy/cli/commands.hpp"
#include "proxy/cli/config_flags.hpp"
#include "proxy/cli/status_text.hpp"
#include "proxy/config_values.hpp"

#include <CLI/CLI.hpp>

#include <memory>
#include <optional>
#include <ostream>

namespace proxy {
namespace {

struct status_options
{
    config_flags flags;
    bool as_json = false;
};

int status(const status_options& options, const command_context& context)
{
    const std::optional<loaded_config> loaded = load_or_explain(options.flags, context);
    if (!loaded) {
        return exit_bad_config;
    }
    const host_port& admin = loaded->values.admin;
    const auto page = read_admin_page(admin, "/v1/status");
    if (!page) {
        return explain_admin_error(page.error(), admin, context);
    }
    const auto readable = status_text(page->body);
    if (page->status != 200 || !readable) {
        return explain_stranger(admin, context);
    }
    context.out << (options.as_json ? page->body : *readable);
    if (options.as_json && !page->body.ends_with('\n')) {
        context.out << '\n';
    }
    return exit_ok;
}

}  // namespace

void add_status(CLI::App& program, command& chosen)
{
    CLI::App* status_command = program.add_subcommand(
        "status", "What the peer on this machine holds, knows and has spared.");
    status_command->footer(
        "  atoll status\n"
        "  atoll status --admin 127.0.0.1:9129\n"
        "  atoll status --json | jq .offload");
    const auto options = std::make_shared<status_options>();
    status_command->add_flag("--json", options->as_json, "the report as JSON");
    add_config_flags(*status_command, options->flags, {"admin"});
    status_command->callback([options, &chosen] {
        chosen = [options](const command_context& context) { return status(*options, context); };
    });
}

}  // namespace proxy
