#include "proxy/cli/commands.hpp"
#include "proxy/cli/config_flags.hpp"
#include "proxy/cli/local_request.hpp"
#include "proxy/cli/status_text.hpp"
#include "proxy/config_values.hpp"
#include "proxy/http1/serializer.hpp"

#include <CLI/CLI.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <ostream>

namespace proxy {
namespace {

constexpr std::chrono::seconds deadline{5};  // the report is made from counters, without waiting
constexpr std::size_t largest_report_octets = 16 << 20;

struct status_options
{
    config_flags flags;
    bool as_json = false;
};

boost::system::result<std::string> ask(const host_port& admin)
{
    std::string head;
    http1::append_request_line(head, "GET", "/v1/status");
    http1::append_field(head, "Host", to_string(admin));
    http1::append_field(head, "Connection", "close");
    http1::append_end_of_head(head);

    local_request request{deadline};
    if (const auto sent = request.send(admin, head); !sent) {
        return sent.error();
    }
    const auto answer = request.read_head();
    if (!answer) {
        return answer.error();
    }
    if (answer->status != 200) {
        return make_error_code(local_errc::not_understood);
    }
    std::string body;
    while (body.size() <= largest_report_octets) {
        const auto content = request.read_content();
        if (!content) {
            return content.error();
        }
        if (content->empty()) {
            return {boost::system::in_place_value, std::move(body)};
        }
        body += *content;
    }
    return make_error_code(local_errc::not_understood);
}

int status(const status_options& options, const command_context& context)
{
    const std::optional<loaded_config> loaded = load_or_explain(options.flags, context);
    if (!loaded) {
        return exit_bad_config;
    }
    const host_port& admin = loaded->values.admin;
    const auto report = ask(admin);
    if (!report) {
        context.err << "atoll: " << to_string(admin) << ": " << report.error().message() << '\n';
        return report.error() == local_errc::timed_out ? exit_timeout : exit_unreachable;
    }
    const auto readable = status_text(*report);
    if (!readable) {
        context.err << "atoll: " << to_string(admin) << ": what answers there is not an atoll\n";
        return exit_unreachable;
    }
    context.out << (options.as_json ? *report : *readable);
    if (options.as_json && !report->ends_with('\n')) {
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
