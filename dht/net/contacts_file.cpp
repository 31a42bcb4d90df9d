#include "dht/net/contacts_file.hpp"

#include <boost/system/errc.hpp>

#include <fstream>
#include <optional>
#include <string>
#include <system_error>

namespace dht {
namespace {

constexpr std::size_t most_lines = 1'024;

}  // namespace

std::vector<endpoint> load_contacts(const std::filesystem::path& file)
{
    std::vector<endpoint> contacts;
    std::ifstream in{file};
    std::string line;
    for (std::size_t i = 0; i < most_lines && std::getline(in, line); ++i) {
        const std::optional<endpoint> where = parse_endpoint(line);
        if (where && is_reachable_form(*where)) {
            contacts.push_back(*where);
        }
    }
    return contacts;
}

boost::system::error_code save_contacts(
    const std::filesystem::path& file, const std::vector<endpoint>& contacts)
{
    std::filesystem::path fresh = file;
    fresh += ".new";
    {
        std::ofstream out{fresh, std::ios::trunc};
        for (const endpoint& where : contacts) {
            out << to_string(where) << '\n';
        }
        out.flush();
        if (!out) {
            return make_error_code(boost::system::errc::io_error);
        }
    }
    std::error_code error;
    std::filesystem::rename(fresh, file, error);
    return error;
}

}  // namespace dht
