// The TOML file -> what it assigns. Names and lines are known here, values are judged by the table.

#pragma once

#include "proxy/config_error.hpp"
#include "proxy/config_options.hpp"

#include <boost/system/result.hpp>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace proxy {

// One value given to one option, and where.
struct config_assignment
{
    const config_option* option;
    std::string text;
    std::string file;
    std::uint32_t line;
    std::string key;
};

struct config_contents
{
    std::vector<config_assignment> assignments;
    config_errors errors;
};

// At most a mebibyte; anything that is not a readable regular file is an error that says why.
boost::system::result<std::string, config_error> read_config_file(
    const std::filesystem::path& path);

// Never throws; errors do not keep the rest of the file from being read, save errors of syntax.
config_contents parse_config_text(std::string_view text, const std::string& file);

}  // namespace proxy
