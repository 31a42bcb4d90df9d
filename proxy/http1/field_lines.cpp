#include "proxy/http1/field_lines.hpp"

#include "proxy/http1/list_members.hpp"

namespace proxy::http1 {
namespace {

// The first octet at or after `from` that is not of the class; lines end in LF, which is of none.
std::size_t skip(octet_class wanted, std::string_view lines, std::size_t from)
{
    while (is_octet_of(wanted, lines[from])) {
        ++from;
    }
    return from;
}

}  // namespace

result<void> parse_field_lines(std::string_view lines, cache::field_section& fields)
{
    while (!lines.empty()) {
        const std::size_t colon = skip(token_octet, lines, 0);
        if (colon == 0 || lines[colon] != ':') {
            return errc::malformed_field_line;
        }
        const std::size_t end = skip(value_octet, lines, colon + 1);
        if (!lines.substr(end).starts_with("\r\n")) {
            return errc::malformed_field_line;
        }
        const std::string_view value = lines.substr(colon + 1, end - colon - 1);
        fields.add(lines.substr(0, colon), trim_blanks(value));
        lines.remove_prefix(end + 2);
    }
    return {};
}

}  // namespace proxy::http1
