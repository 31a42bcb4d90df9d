#include "tests/support/nginx.hpp"

#include "tests/support/text_file.hpp"

#include <boost/asio/io_context.hpp>

#include <sstream>
#include <stdexcept>
#include <thread>

#include <unistd.h>

namespace support {
namespace {

constexpr std::chrono::seconds patience{10};

command prepare(
    const std::filesystem::path& directory, std::string_view http_block, nginx_processes processes)
{
    std::filesystem::create_directories(directory / "temporary");
    const std::string folder = directory.string();
    std::string text;
    if (geteuid() == 0) {
        text +=
            "user root;\n";  // else its workers may not read what root wrote into a private folder
    }
    if (processes == nginx_processes::one) {
        text += "master_process off;\n";
    }
    text += "worker_processes 1;\npid " + folder + "/nginx.pid;\nerror_log stderr warn;\n";
    text += "events { worker_connections 1024; }\nhttp {\n";
    text += "include /etc/nginx/mime.types;\ndefault_type application/octet-stream;\n";
    text += "log_format request_line '$request';\n";
    text += "access_log " + folder + "/access.log request_line;\n";
    for (const char* kind : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"}) {
        text += std::string(kind) + "_temp_path " + folder + "/temporary/" + kind + ";\n";
    }
    text.append(http_block).append("}\n");
    write_file(directory / "nginx.conf", text);

    command what;
    what.program = "/usr/sbin/nginx";
    what.arguments = {
        "-p", folder, "-e", "stderr", "-c", folder + "/nginx.conf", "-g", "daemon off;"};
    what.output = directory / "nginx.log";
    return what;
}

}  // namespace

nginx::nginx(const std::filesystem::path& directory,
    std::uint16_t port,
    std::string_view http_block,
    nginx_processes processes)
    : directory_(directory), port_(port), process_(prepare(directory, http_block, processes))
{
    const auto end = std::chrono::steady_clock::now() + patience;
    boost::asio::io_context context;
    while (true) {
        boost::asio::ip::tcp::socket probe(context);
        boost::system::error_code ec;
        probe.connect(endpoint(), ec);
        if (!ec) {
            return;
        }
        if (!process_.running() || std::chrono::steady_clock::now() > end) {
            throw std::runtime_error("nginx does not listen; its log:\n" + process_.log());
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
}

nginx::~nginx()
{
    process_.stop(patience);  // a master that is killed would leave its worker behind
}

std::string nginx::static_site(std::uint16_t port, const std::filesystem::path& root)
{
    return "server {\nlisten 127.0.0.1:" + std::to_string(port) + ";\nroot " + root.string() +
           ";\nadd_header Cache-Control max-age=3600;\n}\n";
}

boost::asio::ip::tcp::endpoint nginx::endpoint() const
{
    return {boost::asio::ip::address_v4::loopback(), port_};
}

std::string nginx::authority() const
{
    return "127.0.0.1:" + std::to_string(port_);
}

std::vector<std::string> nginx::requests() const
{
    std::istringstream lines(read_file(directory_ / "access.log"));
    std::vector<std::string> result;
    for (std::string line; std::getline(lines, line);) {
        result.push_back(line);
    }
    return result;
}

}  // namespace support
