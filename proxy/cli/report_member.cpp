#include "proxy/cli/report_member.hpp"

#include <fmt/format.h>

namespace proxy {

namespace json = boost::json;

const json::value& member(const json::value& report, std::string_view path)
{
    static const json::value nothing;
    boost::system::error_code error;
    const json::value* found = report.find_pointer({path.data(), path.size()}, error);
    return found == nullptr ? nothing : *found;
}

std::uint64_t count(const json::value& report, std::string_view path)
{
    boost::system::error_code error;
    const auto number = member(report, path).to_number<std::uint64_t>(error);
    return error ? 0 : number;
}

std::string text(const json::value& report, std::string_view path)
{
    const json::value& found = member(report, path);
    return found.is_string() ? std::string{found.as_string()} : "-";
}

bool is_true(const json::value& report, std::string_view path)
{
    const json::value& found = member(report, path);
    return found.is_bool() && found.get_bool();
}

std::string counted(std::uint64_t number, std::string_view thing)
{
    return fmt::format("{} {}{}", number, thing, number == 1 ? "" : "s");
}

}  // namespace proxy
