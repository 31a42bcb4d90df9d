// Command line, environment and file -> settings. Flags override the environment, the environment
// overrides the file, the file overrides the defaults; a list given in one place replaces that of
// the places below.

#pragma once

#include "proxy/config.hpp"
#include "proxy/config_error.hpp"

#include <boost/system/result.hpp>

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace proxy {

using environment = std::map<std::string, std::string>;

// A flag as it was given: its name without the dashes, and the text of its value.
struct given_flag
{
    std::string name;
    std::string text;
};

struct config_sources
{
    std::vector<given_flag> flags;
    std::filesystem::path
        file;  // --config; empty: ATOLL_CONFIG, else the first default that exists
    environment variables;
    std::filesystem::path system_file = "/etc/atoll/atoll.toml";
};

struct loaded_config
{
    settings values;
    std::filesystem::path file;  // empty if none was read
};

// Reads, merges and checks; every error found is in the list. Empty variables count as not set.
//
// Default file: $XDG_CONFIG_HOME/atoll/atoll.toml, then system_file. Default folders: those of XDG;
// but where a store is given and no state folder, it is STORE.state, so that two peers with a
// store each never share an identity.
boost::system::result<loaded_config, config_errors> load_settings(const config_sources& sources);

// Reads the configuration of this process again.
using settings_reader = std::function<boost::system::result<settings, config_errors>()>;

}  // namespace proxy
