// Request heads: the same result however the octets are cut, nothing taken that is not there, and
// what was understood is written so that it is understood as the same.

#include "proxy/http1/parser.hpp"
#include "proxy/http1/serializer.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace proxy::http1;

void require(bool claim)
{
    if (!claim) {
        std::abort();
    }
}

bool equal(const request_head& left, const request_head& right)
{
    return left.method == right.method && left.verb == right.verb && left.target == right.target &&
           left.form == right.form && left.minor_version == right.minor_version &&
           left.fields == right.fields && left.framing == right.framing &&
           left.content_length == right.content_length && left.keep_alive == right.keep_alive &&
           left.expect_continue == right.expect_continue;
}

result<std::size_t> parse_octet_by_octet(std::string_view octets, request_head& head)
{
    request_parser parser;
    for (std::size_t end = 1; end <= octets.size(); ++end) {
        const result<std::size_t> parsed = parser.parse(octets.substr(0, end), head);
        if (!parsed || *parsed != 0) {
            return parsed;
        }
    }
    return std::size_t{0};
}

void check_written_anew(request_head head)
{
    std::string written;
    append_request_line(written, head.method, head.target);
    append_fields(written, head.fields);
    append_end_of_head(written);
    request_head read;
    const result<std::size_t> parsed = request_parser{}.parse(written, read);
    if (head.minor_version == 0) {
        return;  // it is written as HTTP/1.1, where Host is not optional and connections persist
    }
    require(parsed.has_value() && *parsed == written.size());
    require(equal(read, head));
}

void check_invariants(const request_head& head)
{
    require(cache::is_token(head.method));
    require(!head.target.empty());
    require(head.framing != body_framing::until_close);
    require(head.content_length == 0 || head.framing == body_framing::content_length);
    require(head.fields.count(cache::field::host) <= 1);
    require(head.fields.count(cache::field::content_length) <= 1);
    require(head.fields.size() <= head_limits{}.fields);
    for (const cache::field_section::line line : head.fields) {
        require(cache::is_token(line.name) && cache::is_field_value(line.value));
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view octets{reinterpret_cast<const char*>(data), size};
    request_parser parser;
    request_head head;
    const result<std::size_t> parsed = parser.parse(octets, head);
    require(!parsed || *parsed <= size);

    request_head cut;
    const result<std::size_t> in_pieces = parse_octet_by_octet(octets, cut);
    require(in_pieces == parsed);
    if (!parsed) {
        const unsigned status = status_for(parsed.error());
        require(status >= 400 && status < 600);
        return 0;
    }
    if (*parsed != 0) {
        require(equal(cut, head));
        check_invariants(head);
        check_written_anew(head);
        parser.parse(octets.substr(*parsed), head);  // a pipelined one, into the same head
    }
    return 0;
}
