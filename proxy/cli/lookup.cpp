#include "dht/core/node_id.hpp"
#include "proxy/cli/admin_page.hpp"
#include "proxy/cli/commands.hpp"
#include "proxy/cli/config_flags.hpp"
#include "proxy/cli/get_request.hpp"
#include "proxy/cli/lookup_text.hpp"

#include <boost/url/encode.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>

#include <CLI/CLI.hpp>

#include <memory>
#include <optional>
#include <ostream>

namespace proxy {
namespace {

struct lookup_options
{
    config_flags flags;
    std::string what;  // a key or a URL
    bool as_json = false;
};

// Nothing if it is neither.
std::optional<std::string> page_for(const std::string& what)
{
    if (dht::parse_node_id(what)) {
        return "/v1/lookup?key=" + what;
    }
    if (!get_request(what, false)) {
        return std::nullopt;
    }
    const std::string url = what.substr(0, what.find('#'));
    return "/v1/lookup?url=" + boost::urls::encode(url, boost::urls::unreserved_chars);
}

int lookup(const lookup_options& options, const command_context& context)
{
    const std::optional<std::string> path = page_for(options.what);
    if (!path) {
        context.err << "atoll: expected a URL such as http://www.example.com/file, or a key of 40 "
                       "hexadecimal digits\n";
        return exit_usage;
    }
    const std::optional<loaded_config> loaded = load_or_explain(options.flags, context);
    if (!loaded) {
        return exit_bad_config;
    }
    const host_port& admin = loaded->values.admin;
    const auto page = read_admin_page(admin, *path);
    if (!page) {
        return explain_admin_error(page.error(), admin, context);
    }
    if (page->status != 200) {
        return explain_refusal(*page, admin, context);
    }
    const auto readable = lookup_text(page->body);
    if (!readable) {
        return explain_stranger(admin, context);
    }
    context.out << (options.as_json ? page->body : *readable);
    return exit_ok;
}

}  // namespace

void add_lookup(CLI::App& program, command& chosen)
{
    CLI::App* lookup_command = program.add_subcommand(
        "lookup", "Who holds a URL, and the way of the question through the index.");
    lookup_command->footer(
        "  atoll lookup http://www.example.com/file\n"
        "  atoll lookup --json http://www.example.com/file | jq .steps\n"
        "  atoll lookup 2fd4e1c67a2d28fced849ee1bb76e7391b93eb12   a key of the index");
    const auto options = std::make_shared<lookup_options>();
    lookup_command->add_option("KEY|URL", options->what, "what to look for")->required();
    lookup_command->add_flag("--json", options->as_json, "the way as JSON");
    add_config_flags(*lookup_command, options->flags, {"admin"});
    lookup_command->callback([options, &chosen] {
        chosen = [options](const command_context& context) { return lookup(*options, context); };
    });
}

}  // namespace proxy
