#include "tests/support/atoll_peer.hpp"

#include "tests/support/http_client.hpp"

#include <boost/asio/ip/address.hpp>

#include <cstdlib>
#include <stdexcept>

namespace support {
namespace {

std::string text_of(const atoll_peer::endpoint& endpoint)
{
    const std::string address = endpoint.address().to_string();
    return (endpoint.address().is_v6() ? "[" + address + "]" : address) + ":" +
           std::to_string(endpoint.port());
}

atoll_peer::endpoint parse_endpoint(const std::string& text)
{
    const std::size_t colon = text.rfind(':');
    const bool is_bracketed = text.front() == '[';
    const std::string address = is_bracketed ? text.substr(1, colon - 2) : text.substr(0, colon);
    return {boost::asio::ip::make_address(address),
        static_cast<std::uint16_t>(std::stoul(text.substr(colon + 1)))};
}

// The word after ` name=` in a line.
std::string value_of(const std::string& line, const std::string& name)
{
    const std::size_t found = line.find(" " + name + "=");
    if (found == std::string::npos) {
        throw std::runtime_error("no " + name + " in: " + line);
    }
    const std::size_t value = found + name.size() + 2;
    return line.substr(value, line.find(' ', value) - value);
}

std::vector<std::string> arguments_for(const atoll_peer_options& options)
{
    const std::string any = "127.0.0.1:";
    std::vector<std::string> arguments{"run",
        "--client",
        any + std::to_string(options.client_port),
        "--peer",
        any + std::to_string(options.peer_port),
        "--admin",
        any + std::to_string(options.admin_port),
        "--store",
        options.directory / "store",
        "--state",
        options.directory / "state",
        "--store-size",
        options.store_size,
        "--memory",
        options.memory,
        "--network",
        options.network};
    for (const atoll_peer::endpoint& other : options.join) {
        arguments.insert(arguments.end(), {"--join", text_of(other)});
    }
    if (options.allow_loopback_targets) {
        arguments.insert(arguments.end(), {"--allow-target", "127.0.0.0/8"});
    }
    if (!options.use_peers) {
        arguments.emplace_back("--no-peers");
    }
    arguments.insert(arguments.end(), options.more_arguments.begin(), options.more_arguments.end());
    return arguments;
}

}  // namespace

std::filesystem::path atoll_program()
{
    const char* chosen = std::getenv("ATOLL_PROGRAM");
    return chosen != nullptr ? chosen : ATOLL_BUILT_PROGRAM;
}

command command_for(const atoll_peer_options& options)
{
    std::filesystem::create_directories(options.directory);
    command what;
    what.program = options.program;
    what.arguments = arguments_for(options);
    what.environment = options.environment;
    what.output = options.directory / "access.log";
    what.errors = options.directory / "peer.log";
    return what;
}

atoll_peer::atoll_peer(const atoll_peer_options& options)
{
    const command what = command_for(options);
    const auto start = std::chrono::steady_clock::now();
    process_ = std::make_unique<process>(what);
    const auto ready = process_->wait_for_line("atoll: ready ", options.patience);
    if (!ready) {
        throw std::runtime_error(
            what.program.string() + " did not say that it listens; its log:\n" + process_->log());
    }
    time_to_listen_ = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - start);
    client_ = parse_endpoint(value_of(*ready, "client"));
    if (options.use_peers) {
        peer_ = parse_endpoint(value_of(*ready, "peer"));
    }
    if (ready->find(" peer6=") != std::string::npos) {
        peer6_ = parse_endpoint(value_of(*ready, "peer6"));
    }
    admin_ = parse_endpoint(value_of(*ready, "admin"));
}

std::string atoll_peer::admin_page(std::string_view path) const
{
    http_request request;
    request.target = path;
    request.fields.emplace_back("Host", text_of(admin_));
    http_client client(admin_);
    const http_client::result response = client.exchange(request);
    return response && response->status == 200 ? response->body : std::string();
}

double atoll_peer::metric(std::string_view name_and_labels) const
{
    const std::string page = "\n" + admin_page("/metrics");
    const std::string line_start = "\n" + std::string(name_and_labels) + " ";
    const std::size_t found = page.find(line_start);
    return found == std::string::npos ? 0 : std::atof(page.c_str() + found + line_start.size());
}

}  // namespace support
