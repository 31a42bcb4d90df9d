#include "proxy/cli/commands.hpp"
#include "proxy/cli/config_flags.hpp"
#include "proxy/cli/get_request.hpp"
#include "proxy/cli/local_request.hpp"
#include "proxy/config_values.hpp"

#include <CLI/CLI.hpp>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <ostream>
#include <system_error>

namespace proxy {
namespace {

struct get_options
{
    config_flags flags;
    std::string url;
    std::string output;
    std::string timeout = "120s";  // above what a peer waits for an origin (60 s)
    bool only_if_cached = false;
};

// Whether the body is written to what the name stands for and not to a file that takes its place: a
// rename over a device such as /dev/null, or over a pipe, would replace it for the whole machine.
bool is_written_in_place(const std::filesystem::path& name)
{
    std::error_code ignored;  // what cannot be asked about cannot be opened either
    const std::filesystem::file_status status = std::filesystem::status(name, ignored);
    return std::filesystem::exists(status) && !std::filesystem::is_regular_file(status);
}

// The file that a link leads to, so that the link stays.
std::filesystem::path file_named(const std::string& name)
{
    std::error_code error;
    std::filesystem::path file = std::filesystem::canonical(name, error);
    return error ? std::filesystem::path{name} : file;
}

// Where the body goes. A file appears under its name when it is complete, never before.
class body_sink
{
public:
    body_sink(const std::string& file, std::ostream& out)
        : to_out_{file.empty()}, in_place_{is_written_in_place(file)}, out_{out}
    {
        if (to_out_) {
            return;
        }
        name_ = in_place_ ? std::filesystem::path{file} : file_named(file);
        file_.open(in_place_ ? name_ : partial(), std::ios::binary | std::ios::trunc);
    }
    ~body_sink()
    {
        if (file_.is_open() && !in_place_) {
            file_.close();
            std::error_code ignored;  // the command has failed already, for another reason
            std::filesystem::remove(partial(), ignored);
        }
    }
    body_sink(const body_sink&) = delete;
    body_sink& operator=(const body_sink&) = delete;

    bool write(std::string_view content)
    {
        std::ostream& target = to_out_ ? out_ : file_;
        return static_cast<bool>(
            target.write(content.data(), static_cast<std::streamsize>(content.size())));
    }

    bool commit()
    {
        if (to_out_) {
            return static_cast<bool>(out_.flush());
        }
        if (!file_.is_open() || !file_.flush()) {
            return false;
        }
        if (in_place_) {
            return true;
        }
        std::error_code error;
        std::filesystem::rename(partial(), name_, error);
        if (!error) {
            file_.close();
        }
        return !error;
    }

private:
    std::filesystem::path partial() const { return name_.string() + ".part"; }

    const bool to_out_;
    const bool in_place_;
    std::filesystem::path name_;
    std::ostream& out_;
    std::ofstream file_;
};

exit_code exit_for(const boost::system::error_code& error)
{
    if (error == local_errc::unreachable) {
        return exit_unreachable;
    }
    if (error == local_errc::timed_out) {
        return exit_timeout;
    }
    return error == local_errc::incomplete_body ? exit_integrity : exit_upstream;
}

exit_code explain_error(
    const boost::system::error_code& error, const host_port& server, const command_context& context)
{
    context.err << "atoll: " << to_string(server) << ": " << error.message();
    if (error == local_errc::unreachable) {
        context.err << "; start one with 'atoll run'";
    }
    context.err << '\n';
    return exit_for(error);
}

// An answer other than the object: nothing is written.
exit_code explain_status(
    const http1::response_head& head, const get_options& options, const command_context& context)
{
    if (head.status == 504 && options.only_if_cached) {
        context.err << "atoll: not cached: " << options.url << '\n';
        return exit_not_cached;
    }
    context.err << "atoll: " << options.url << ": status " << head.status;
    if (const auto location = head.fields.first(cache::field::location)) {
        context.err << ", moved to " << *location;
    }
    if (const auto reason = head.fields.combined("Proxy-Status")) {
        context.err << " (" << *reason << ")";
    }
    context.err << '\n';
    return head.status == 504 ? exit_timeout : exit_upstream;
}

struct delivery
{
    exit_code outcome = exit_ok;
    std::uint64_t octets = 0;
    boost::system::error_code error = {};  // of the connection
};

delivery deliver(local_request& request, body_sink& sink)
{
    std::uint64_t octets = 0;
    while (true) {
        const auto content = request.read_content();
        if (!content) {
            return {exit_for(content.error()), octets, content.error()};
        }
        if (content->empty()) {
            return {sink.commit() ? exit_ok : exit_failure, octets};
        }
        if (!sink.write(*content)) {
            return {exit_failure, octets};
        }
        octets += content->size();
    }
}

int fetch(const get_options& options,
    const host_port& server,
    local_request& request,
    const command_context& context)
{
    const auto start = std::chrono::steady_clock::now();
    const auto sent = request.send(server, *get_request(options.url, options.only_if_cached));
    if (!sent) {
        return explain_error(sent.error(), server, context);
    }
    const auto answer = request.read_head();
    if (!answer) {
        return explain_error(answer.error(), server, context);
    }
    if (answer->status / 100 != 2) {
        return explain_status(*answer, options, context);
    }
    body_sink sink{options.output, context.out};
    const delivery done = deliver(request, sink);
    if (done.error) {
        return explain_error(done.error, server, context);
    }
    if (done.outcome == exit_failure) {
        context.err << "atoll: cannot write "
                    << (options.output.empty() ? "to standard output" : options.output) << '\n';
        return done.outcome;
    }
    const auto spent = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - start);
    const std::string status = answer->fields.combined("Cache-Status").value_or("");
    context.err << done.octets << " bytes in " << spent.count() << " ms from " << source_of(status)
                << '\n';
    if (!status.empty()) {
        context.err << "Cache-Status: " << status << '\n';
    }
    return done.outcome;
}

int get(const get_options& options, const command_context& context)
{
    const auto idle_deadline = parse_duration(options.timeout);
    if (!idle_deadline) {
        context.err << "atoll: --timeout: expected " << idle_deadline.error().expected << '\n';
        return exit_usage;
    }
    if (!get_request(options.url, options.only_if_cached)) {
        context.err << "atoll: expected a URL such as http://www.example.com/file\n";
        return exit_usage;
    }
    const std::optional<loaded_config> loaded = load_or_explain(options.flags, context);
    if (!loaded) {
        return exit_bad_config;
    }
    local_request request{*idle_deadline};
    return fetch(options, loaded->values.client, request, context);
}

}  // namespace

void add_get(CLI::App& program, command& chosen)
{
    CLI::App* get_command =
        program.add_subcommand("get", "Fetch a URL through the peer on this machine.");
    get_command->footer(
        "  atoll get http://www.example.com/                   the body; whence, on stderr\n"
        "  atoll get -o debian.iso http://cdimage.debian.org/debian.iso\n"
        "  atoll get --only-if-cached http://www.example.com/  exit code 3 if it is not cached");
    const auto options = std::make_shared<get_options>();
    get_command->add_option("URL", options->url, "what to fetch")->required();
    get_command->add_option("-o,--output", options->output, "write to this file, when complete")
        ->type_name("FILE");
    get_command->add_flag("--only-if-cached", options->only_if_cached, "do not ask the origin");
    get_command
        ->add_option("--timeout", options->timeout, "give up when nothing came for so long [120s]")
        ->type_name("DURATION");
    add_config_flags(*get_command, options->flags, {"client"});
    get_command->callback([options, &chosen] {
        chosen = [options](const command_context& context) { return get(*options, context); };
    });
}

}  // namespace proxy
