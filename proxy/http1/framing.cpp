#include "proxy/http1/framing.hpp"

#include "proxy/http1/list_members.hpp"

namespace proxy::http1 {
namespace {

using cache::field;

result<std::uint64_t> parse_content_length(std::string_view text)
{
    if (text.empty()) {
        return errc::malformed_content_length;
    }
    std::uint64_t length = 0;
    for (const char c : text) {
        if (!is_digit(c)) {
            return errc::malformed_content_length;
        }
        length = length * 10 + static_cast<std::uint64_t>(c - '0');
        if (length > content_length_limit) {  // before it can overflow
            return errc::malformed_content_length;
        }
    }
    return length;
}

result<void> check_transfer_encoding(std::string_view text)
{
    if (equal_without_case(text, "chunked")) {
        return {};
    }
    bool malformed = false;
    bool chunked_is_last = false;
    for_each_list_member(text, [&](std::string_view coding) {
        // chunked_is_last still speaks of the member before: a coding after chunked is malformed.
        malformed = malformed || chunked_is_last || !cache::is_token(coding);
        chunked_is_last = equal_without_case(coding, "chunked");
    });
    if (malformed || !chunked_is_last) {
        return errc::malformed_transfer_coding;
    }
    return errc::unknown_transfer_coding;
}

void read_connection(std::string_view value, framing_fields& found)
{
    for_each_list_member(value, [&](std::string_view option) {
        found.close = found.close || equal_without_case(option, "close");
        found.keep_alive = found.keep_alive || equal_without_case(option, "keep-alive");
        found.odd_connection = found.odd_connection || !consists_of(token_octet, option);
    });
}

}  // namespace

result<framing_fields> read_framing_fields(
    const cache::field_section& fields, unsigned minor_version)
{
    framing_fields found;
    std::optional<std::string_view> transfer_encoding;
    for (const cache::field_section::line line : fields) {
        switch (line.id) {
        case field::content_length: {
            const result<std::uint64_t> length = parse_content_length(line.value);
            if (!length || found.content_length) {
                return errc::malformed_content_length;
            }
            found.content_length = *length;
            break;
        }
        case field::transfer_encoding:
            if (transfer_encoding) {
                return errc::malformed_transfer_coding;
            }
            transfer_encoding = line.value;
            break;
        case field::connection: read_connection(line.value, found); break;
        default: break;
        }
    }
    if (!transfer_encoding) {
        return found;
    }
    // Both fields: an attempt at smuggling (section 6.3). HTTP/1.0 does not know the field, so who
    // sends it there frames the message in a way of its own (section 6.1).
    if (found.content_length || minor_version == 0) {
        return errc::malformed_transfer_coding;
    }
    const result<void> checked = check_transfer_encoding(*transfer_encoding);
    if (!checked) {
        return checked.error();
    }
    found.chunked = true;
    return found;
}

}  // namespace proxy::http1
