#include "proxy/http1/serializer.hpp"

#include "proxy/http1/ascii.hpp"

#include <boost/assert.hpp>
#include <boost/beast/http/status.hpp>

#include <array>
#include <charconv>

namespace proxy::http1 {
namespace {

void append_number(std::string& out, std::uint64_t number, int base)
{
    std::array<char, 20> digits;  // 2^64 has 20 decimal digits
    const std::to_chars_result end =
        std::to_chars(digits.data(), digits.data() + digits.size(), number, base);
    out.append(digits.data(), end.ptr);
}

}  // namespace

void append_request_line(std::string& out, std::string_view method, std::string_view target)
{
    BOOST_ASSERT(cache::is_token(method));
    BOOST_ASSERT(!target.empty());
    BOOST_ASSERT(consists_of(target_octet, target));
    out.append(method).append(" ").append(target).append(" HTTP/1.1\r\n");
}

void append_status_line(std::string& out, unsigned status)
{
    BOOST_ASSERT(status >= 100);
    BOOST_ASSERT(status <= 999);
    out.append("HTTP/1.1 ");
    append_number(out, status, 10);
    out.append(" ");  // stays without a reason (RFC 9112, section 4)
    const boost::beast::http::status known = boost::beast::http::int_to_status(status);
    if (known != boost::beast::http::status::unknown) {
        const auto reason = boost::beast::http::obsolete_reason(known);
        out.append(reason.data(), reason.size());
    }
    out.append("\r\n");
}

void append_fields(std::string& out, const cache::field_section& fields)
{
    for (const cache::field_section::line line : fields) {
        out.append(line.name).append(": ").append(line.value).append("\r\n");
    }
}

void append_field(std::string& out, std::string_view name, std::string_view value)
{
    BOOST_ASSERT(cache::is_token(name));
    BOOST_ASSERT(cache::is_field_value(value));
    out.append(name).append(": ").append(value).append("\r\n");
}

void append_framing(std::string& out, body_framing framing, std::uint64_t content_length)
{
    switch (framing) {
    case body_framing::content_length:
        out.append("Content-Length: ");
        append_number(out, content_length, 10);
        out.append("\r\n");
        break;
    case body_framing::chunked: out.append("Transfer-Encoding: chunked\r\n"); break;
    default: break;  // none, until_close
    }
}

void append_end_of_head(std::string& out)
{
    out.append("\r\n");
}

void append_chunk_header(std::string& out, std::uint64_t octets)
{
    BOOST_ASSERT(octets != 0);  // that would be the last chunk
    append_number(out, octets, 16);
    out.append("\r\n");
}

}  // namespace proxy::http1
