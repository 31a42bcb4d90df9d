#include "proxy/config_swarm.hpp"

#include "proxy/config_file.hpp"

#include <algorithm>
#include <cstdint>
#include <system_error>

namespace proxy {
namespace {

constexpr std::string_view blanks = " \t\r";

std::string_view trimmed(std::string_view line)
{
    const std::size_t begin = line.find_first_not_of(blanks);
    if (begin == std::string_view::npos) {
        return {};
    }
    return line.substr(begin, line.find_last_not_of(blanks) - begin + 1);
}

}  // namespace

boost::system::result<std::vector<dht::swarm_key>, config_error> parse_swarm_keys(
    std::string_view text, const std::filesystem::path& file)
{
    std::vector<dht::swarm_key> keys;
    for (std::uint32_t number = 1; !text.empty(); ++number) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = trimmed(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.empty() || line.front() == '#') {
            continue;
        }
        const dht::result<dht::swarm_key> key = dht::swarm_key::parse(line);
        if (!key) {
            return config_error{file.string(), number, "", key.error().message()};
        }
        keys.push_back(*key);
    }
    if (keys.empty()) {
        return config_error{file.string(), 0, "", "expected a swarm key on a line of its own"};
    }
    return keys;
}

boost::system::result<std::vector<dht::swarm_key>, config_error> read_swarm_keys(
    const std::filesystem::path& file)
{
    using std::filesystem::perms;
    const boost::system::result<std::string, config_error> text = read_config_file(file);
    if (!text) {
        return text.error();
    }
    std::error_code error;
    const perms granted = std::filesystem::status(file, error).permissions();
    if (error || (granted & (perms::others_read | perms::others_write)) != perms::none) {
        return config_error{file.string(),
            0,
            "",
            "every user of this machine can read or write these secrets: chmod 600 it"};
    }
    return parse_swarm_keys(*text, file);
}

}  // namespace proxy
