#pragma once

#include "tests/support/process.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <string_view>

namespace support {

enum class nginx_processes
{
    one,                // nothing is left behind, even when the tests are killed
    master_and_worker,  // as in production
};

// A real nginx, run in the foreground by whoever runs the tests, with every file it writes in
// `directory`.
class nginx
{
public:
    // `http_block` is what stands inside http { }, `servers` included. Returns when `port` accepts
    // connections; throws std::runtime_error with nginx's log when it does not.
    nginx(const std::filesystem::path& directory,
        std::uint16_t port,
        std::string_view http_block,
        nginx_processes processes = nginx_processes::one);
    ~nginx();
    nginx(const nginx&) = delete;
    nginx& operator=(const nginx&) = delete;

    // All files below `root`, with Cache-Control: max-age=3600, as nginx serves them by default.
    static std::string static_site(std::uint16_t port, const std::filesystem::path& root);

    boost::asio::ip::tcp::endpoint endpoint() const;
    std::string authority() const;
    process& program() { return process_; }

    // Request lines of the access log, oldest first.
    std::vector<std::string> requests() const;

private:
    std::filesystem::path directory_;
    std::uint16_t port_;
    process process_;
};

}  // namespace support
