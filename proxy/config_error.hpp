// What is wrong with a configuration, said so that its author finds the place.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace proxy {

struct config_error
{
    std::string file;        // path, "environment" or "command line"
    std::uint32_t line = 0;  // 0 where there are no lines
    std::string key;         // as its author writes it; empty if the file as a whole is meant
    std::string message;     // what was expected, and what was found

    friend bool operator==(const config_error&, const config_error&) = default;
};

using config_errors = std::vector<config_error>;

// "atoll.toml:3: store-size: expected ...". One line without control characters, whatever the file
// contains.
std::string to_string(const config_error& error);

// Text of unknown length, for a message: cut after 64 octets.
std::string shortened(std::string_view text);

}  // namespace proxy
