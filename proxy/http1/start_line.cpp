#include "proxy/http1/start_line.hpp"

#include "proxy/http1/ascii.hpp"

namespace proxy::http1 {
namespace {

constexpr std::size_t version_octets = 8;  // "HTTP/1.1"

result<unsigned> parse_minor_version(std::string_view text)
{
    if (text.size() != version_octets || !text.starts_with("HTTP/") || !is_digit(text[5]) ||
        text[6] != '.' || !is_digit(text[7])) {
        return errc::malformed_start_line;
    }
    if (text[5] != '1') {
        return errc::unsupported_version;
    }
    return text[7] == '0' ? 0U : 1U;
}

}  // namespace

result<request_line_view> parse_request_line(std::string_view line)
{
    const std::size_t first_space = line.find(' ');
    const std::size_t last_space = line.rfind(' ');
    if (first_space == last_space) {  // also if there is none: HTTP/0.9 had no version
        return errc::malformed_start_line;
    }
    request_line_view parsed;
    parsed.method = line.substr(0, first_space);
    parsed.target = line.substr(first_space + 1, last_space - first_space - 1);
    if (parsed.method.empty() || !consists_of(token_octet, parsed.method)) {
        return errc::malformed_start_line;
    }
    const result<unsigned> minor_version = parse_minor_version(line.substr(last_space + 1));
    if (!minor_version) {
        return minor_version.error();
    }
    parsed.minor_version = *minor_version;
    return parsed;
}

result<status_line_view> parse_status_line(std::string_view line)
{
    const result<unsigned> minor_version = parse_minor_version(line.substr(0, version_octets));
    if (!minor_version) {
        return minor_version.error();
    }
    constexpr std::size_t reason_offset = version_octets + 4;  // " 200"
    if (line.size() < reason_offset || line[version_octets] != ' ') {
        return errc::malformed_start_line;
    }
    status_line_view parsed;
    parsed.minor_version = *minor_version;
    for (const char c : line.substr(version_octets + 1, 3)) {
        if (!is_digit(c)) {
            return errc::malformed_start_line;
        }
        parsed.status = parsed.status * 10 + static_cast<unsigned>(c - '0');
    }
    const std::string_view rest = line.substr(reason_offset);
    const bool separated = rest.empty() || rest.front() == ' ';
    if (parsed.status < 100 || !separated || !consists_of(value_octet, rest)) {
        return errc::malformed_start_line;
    }
    if (parsed.status == 101) {
        return errc::unexpected_upgrade;
    }
    return parsed;
}

}  // namespace proxy::http1
