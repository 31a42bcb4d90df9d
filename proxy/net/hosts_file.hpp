// The machine's own table of names, /etc/hosts (hosts(5)).

#pragma once

#include "proxy/net/watched_file.hpp"

#include <boost/asio/ip/address.hpp>

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace proxy {

// Addresses by name in lower case, in the order of the lines.
using hosts_table = std::map<std::string, std::vector<boost::asio::ip::address>, std::less<>>;

// Lines that say nothing valid are skipped, as every reader of this file does.
hosts_table parse_hosts(std::string_view text);

// Keeps the table in memory: a worker must not read a file for each name, and lists that block
// advertisements have 100,000 lines.
class hosts_file
{
public:
    explicit hosts_file(std::filesystem::path path);

    // Empty if the file does not name the host (in lower case) or cannot be read.
    std::vector<boost::asio::ip::address> find(
        std::string_view host, watched_file::clock::time_point now);

private:
    watched_file file_;
    hosts_table table_;
};

}  // namespace proxy
