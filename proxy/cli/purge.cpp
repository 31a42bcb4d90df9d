#include "proxy/cli/admin_page.hpp"
#include "proxy/cli/commands.hpp"
#include "proxy/cli/config_flags.hpp"
#include "proxy/cli/get_request.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <boost/url/encode.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>

#include <CLI/CLI.hpp>

#include <memory>
#include <optional>
#include <ostream>

namespace proxy {
namespace {

namespace json = boost::json;

struct purge_options
{
    config_flags flags;
    std::string url;
    std::string host;
    std::string tag;
    bool is_soft = false;
};

// Nothing unless exactly one of the three is there.
std::optional<std::string> page_for(const purge_options& options)
{
    const int named = (options.url.empty() ? 0 : 1) + (options.host.empty() ? 0 : 1) +
                      (options.tag.empty() ? 0 : 1);
    const bool bad_url = !options.url.empty() && !get_request(options.url, false);
    if (named != 1 || bad_url) {
        return std::nullopt;
    }
    const std::string name = !options.url.empty() ? "url" : !options.host.empty() ? "host" : "tag";
    const std::string what =
        options.url.substr(0, options.url.find('#')) + options.host + options.tag;
    return "/v1/purge?" + name + "=" + boost::urls::encode(what, boost::urls::unreserved_chars) +
           (options.is_soft ? "&soft" : "");
}

std::optional<json::object> members_of(const std::string& body)
{
    boost::system::error_code error;
    const json::value parsed = json::parse(body, error);
    return error || !parsed.is_object() ? std::nullopt : std::optional{parsed.get_object()};
}

int purge(const purge_options& options, const command_context& context)
{
    const std::optional<std::string> path = page_for(options);
    if (!path) {
        context.err << "atoll: expected one of a URL such as http://www.example.com/file, --host "
                       "and --tag\n";
        return exit_usage;
    }
    const std::optional<loaded_config> loaded = load_or_explain(options.flags, context);
    if (!loaded) {
        return exit_bad_config;
    }
    const host_port& admin = loaded->values.admin;
    const auto page = post_to_admin(admin, *path);
    if (!page) {
        return explain_admin_error(page.error(), admin, context);
    }
    if (page->status != 200) {
        return explain_refusal(*page, admin, context);
    }
    const std::optional<json::object> members = members_of(page->body);
    if (!members || !members->contains("memory") || !members->contains("disk")) {
        return explain_stranger(admin, context);
    }
    context.out << (options.is_soft ? "out of date now: " : "purged: ") << members->at("memory")
                << " in memory, " << members->at("disk") << " on disk\n";
    return exit_ok;
}

}  // namespace

void add_purge(CLI::App& program, command& chosen)
{
    CLI::App* purge_command = program.add_subcommand(
        "purge", "Take stored responses of this peer out of use: of a URL, a host or a tag.");
    purge_command->footer(
        "  atoll purge http://www.example.com/file\n"
        "  atoll purge --host www.example.com             of any scheme and port\n"
        "  atoll purge --tag news --soft                  Surrogate-Key or Cache-Tag has \"news\"");
    const auto options = std::make_shared<purge_options>();
    purge_command->add_option("URL", options->url, "one page, in all its variants");
    purge_command->add_option("--host", options->host, "everything of this host");
    purge_command->add_option("--tag", options->tag, "everything with this surrogate key");
    purge_command->add_flag(
        "--soft", options->is_soft, "validate before use instead; serve it where the origin fails");
    add_config_flags(*purge_command, options->flags, {"admin"});
    purge_command->callback([options, &chosen] {
        chosen = [options](const command_context& context) { return purge(*options, context); };
    });
}

}  // namespace proxy
