// Response heads: the same result however the octets are cut, nothing taken that is not there. The
// first octet chooses the method of the request that is answered.

#include "proxy/http1/parser.hpp"
#include "proxy/http1/serializer.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace proxy::http1;
using boost::beast::http::verb;

void require(bool claim)
{
    if (!claim) {
        std::abort();
    }
}

bool equal(const response_head& left, const response_head& right)
{
    return left.status == right.status && left.minor_version == right.minor_version &&
           left.fields == right.fields && left.framing == right.framing &&
           left.content_length == right.content_length && left.keep_alive == right.keep_alive;
}

result<std::size_t> parse_octet_by_octet(std::string_view octets, verb method, response_head& head)
{
    response_parser parser;
    for (std::size_t end = 1; end <= octets.size(); ++end) {
        const result<std::size_t> parsed = parser.parse(octets.substr(0, end), method, head);
        if (!parsed || *parsed != 0) {
            return parsed;
        }
    }
    return std::size_t{0};
}

void check_written_anew(const response_head& head, verb method)
{
    std::string written;
    append_status_line(written, head.status);
    append_fields(written, head.fields);
    append_end_of_head(written);
    response_head read;
    const result<std::size_t> parsed = response_parser{}.parse(written, method, read);
    require(parsed.has_value() && *parsed == written.size());
    require(read.status == head.status && read.fields == head.fields);
    require(read.framing == head.framing && read.content_length == head.content_length);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size == 0) {
        return 0;
    }
    constexpr std::array methods{verb::get, verb::head, verb::connect, verb::post};
    const verb method = methods[data[0] % methods.size()];
    const std::string_view octets{reinterpret_cast<const char*>(data) + 1, size - 1};
    response_head head;
    const result<std::size_t> parsed = response_parser{}.parse(octets, method, head);
    require(!parsed || *parsed <= octets.size());

    response_head cut;
    require(parse_octet_by_octet(octets, method, cut) == parsed);
    if (!parsed || *parsed == 0) {
        return 0;
    }
    require(equal(cut, head));
    require(head.status >= 100 && head.status <= 999 && head.status != 101);
    require(head.framing != body_framing::until_close || !head.keep_alive);
    check_written_anew(head, method);
    return 0;
}
