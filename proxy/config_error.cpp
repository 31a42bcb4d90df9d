#include "proxy/config_error.hpp"

#include <algorithm>

namespace proxy {
namespace {

bool is_control(char c)
{
    const auto octet = static_cast<unsigned char>(c);
    return octet < 0x20 || octet == 0x7F;
}

}  // namespace

std::string shortened(std::string_view text)
{
    constexpr std::size_t longest = 64;
    return std::string{text.substr(0, longest)} + (text.size() > longest ? "..." : "");
}

std::string to_string(const config_error& error)
{
    std::string out = error.file;
    if (error.line != 0) {
        out += ':' + std::to_string(error.line);
    }
    out += ": ";
    if (!error.key.empty()) {
        out += error.key + ": ";
    }
    out += error.message;
    std::replace_if(out.begin(), out.end(), is_control, '?');
    return out;
}

}  // namespace proxy
