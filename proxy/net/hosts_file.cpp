#include "proxy/net/hosts_file.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <utility>

namespace proxy {

namespace {

// Takes the first word off the text; empty if there is none.
std::string_view take_word(std::string_view& text)
{
    constexpr std::string_view blanks = " \t\r";
    text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
    const std::string_view word = text.substr(0, text.find_first_of(blanks));
    text.remove_prefix(word.size());
    return word;
}

std::string lower_case(std::string_view text)
{
    std::string lower(text);
    for (char& c : lower) {
        if (c >= 'A' && c <= 'Z') {
            c = static_cast<char>(c - 'A' + 'a');
        }
    }
    return lower;
}

void parse_line(std::string_view line, hosts_table& table)
{
    line = line.substr(0, line.find('#'));
    boost::system::error_code ec;
    const auto address = boost::asio::ip::make_address(take_word(line), ec);
    if (ec) {
        return;
    }
    for (std::string_view name = take_word(line); !name.empty(); name = take_word(line)) {
        table[lower_case(name)].push_back(address);
    }
}

}  // namespace

hosts_table parse_hosts(std::string_view text)
{
    hosts_table table;
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        parse_line(line, table);
        text.remove_prefix(std::min(line.size() + 1, text.size()));
    }
    return table;
}

hosts_file::hosts_file(std::filesystem::path path) : file_(std::move(path))
{
}

std::vector<boost::asio::ip::address> hosts_file::find(
    std::string_view host, watched_file::clock::time_point now)
{
    if (file_.changed(now)) {
        std::ifstream file(file_.path(), std::ios::binary);
        const std::string text(std::istreambuf_iterator<char>(file), {});
        table_ = parse_hosts(text);
    }
    const auto entry = table_.find(host);
    return entry == table_.end() ? std::vector<boost::asio::ip::address>() : entry->second;
}

}  // namespace proxy
