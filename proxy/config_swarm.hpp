// The file of --swarm-key-file -> the keys of a swarm. No message repeats anything of a key.

#pragma once

#include "dht/core/swarm_key.hpp"
#include "proxy/config_error.hpp"

#include <boost/system/result.hpp>

#include <filesystem>
#include <string_view>
#include <vector>

namespace proxy {

// One key a line, the first is used for sending; empty lines and those that begin with # are
// skipped. Errors have no key: the caller knows which option named the file.
boost::system::result<std::vector<dht::swarm_key>, config_error> parse_swarm_keys(
    std::string_view text, const std::filesystem::path& file);

// The same of a file that users other than its owner and group can neither read nor write.
boost::system::result<std::vector<dht::swarm_key>, config_error> read_swarm_keys(
    const std::filesystem::path& file);

}  // namespace proxy
