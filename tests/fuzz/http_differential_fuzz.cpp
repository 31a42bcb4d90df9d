// A whole message that we accept is a whole message to Beast too, of the same length, with the same
// head and the same content. Two recipients that disagree about where a message ends are request
// smuggling. The first octet chooses request or response.
//
// What Beast 1.81 is known to do otherwise, and is left out: it refuses HTTP/1.2 and higher, an
// empty line before a request, a status line without the space before an empty reason, and options
// that are no tokens in Proxy-Connection (which means nothing: RFC 9112, appendix C.2.2) and
// Connection; it takes trailers for fields of the head. What it accepts and we refuse is its own
// affair.

#include "proxy/http1/body_decoder.hpp"
#include "proxy/http1/chunk_line.hpp"
#include "proxy/http1/framing.hpp"
#include "proxy/http1/parser.hpp"

#include <boost/beast/http.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <string>
#include <string_view>

namespace {

namespace beast = boost::beast;
using namespace proxy::http1;

void require(bool claim)
{
    if (!claim) {
        std::abort();
    }
}

struct message
{
    std::size_t head_octets = 0;
    std::size_t octets = 0;
    std::string content;
    bool complete = false;
};

message read_body(std::string_view octets, std::size_t head_octets, body_decoder decoder)
{
    message read{head_octets, head_octets, {}, false};
    while (!decoder.finished()) {
        const result<body_decoder::step> step = decoder.decode(octets.substr(read.octets));
        if (!step) {
            return read;
        }
        read.content += step->content;
        read.octets += step->consumed;
        if (step->consumed == 0) {
            break;
        }
    }
    read.complete = decoder.end_of_stream().has_value();
    return read;
}

bool is_left_out(std::string_view version, const cache::field_section& fields)
{
    return (version != "1.0" && version != "1.1") || fields.contains("Proxy-Connection") ||
           read_framing_fields(fields, 1)->odd_connection;
}

// Whether something stands between the last chunk and the empty line.
bool has_trailers(std::string_view message)
{
    const std::string_view lines = message.substr(0, message.size() - 4);
    return !parse_chunk_line(lines.substr(lines.rfind('\n') + 1)).has_value();
}

// Feeds the message as a connection would that ends after it.
template <class Parser>
std::size_t feed(Parser& parser, std::string_view octets)
{
    constexpr auto no_limit = std::numeric_limits<std::uint32_t>::max();
    parser.eager(true);
    parser.header_limit(no_limit);
    parser.body_limit(boost::none);
    std::size_t taken = 0;
    beast::error_code failed;
    while (!parser.is_done() && taken != octets.size()) {
        const std::size_t step =
            parser.put(boost::asio::buffer(octets.data() + taken, octets.size() - taken), failed);
        require(!failed);
        taken += step;
        if (step == 0) {
            break;
        }
    }
    if (!parser.is_done()) {
        parser.put_eof(failed);
        require(!failed);
    }
    return taken;
}

void compare_fields(const cache::field_section& ours, const beast::http::fields& theirs)
{
    auto other = theirs.begin();
    for (const cache::field_section::line line : ours) {
        require(theirs.count(line.name) == ours.count(line.name));
        require(other != theirs.end());
        ++other;
    }
    require(other == theirs.end());
}

void compare_request(std::string_view octets)
{
    if (octets.starts_with("\r\n")) {
        octets.remove_prefix(2);  // Beast knows no empty line before a request
    }
    request_head head;
    const result<std::size_t> parsed = request_parser{}.parse(octets, head);
    if (!parsed || *parsed == 0) {
        return;
    }
    const std::string_view version = octets.substr(octets.find('\r') - 3, 3);
    const message ours =
        read_body(octets, *parsed, body_decoder{head.framing, head.content_length});
    if (!ours.complete || is_left_out(version, head.fields)) {
        return;
    }
    if (head.framing == body_framing::chunked && has_trailers(octets.substr(0, ours.octets))) {
        return;
    }
    beast::http::request_parser<beast::http::string_body> parser;
    const std::size_t taken = feed(parser, octets.substr(0, ours.octets));
    require(parser.is_done() && taken == ours.octets);
    require(std::string_view{parser.get().method_string()} == head.method);
    require(std::string_view{parser.get().target()} == head.target);
    require(parser.get().version() == 10 + head.minor_version);
    require(parser.get().body() == ours.content);
    compare_fields(head.fields, parser.get().base());
}

void compare_response(std::string_view octets)
{
    response_head head;
    const result<std::size_t> parsed =
        response_parser{}.parse(octets, beast::http::verb::get, head);
    if (!parsed || *parsed == 0) {
        return;
    }
    const std::string_view version = octets.substr(5, 3);
    constexpr std::size_t without_reason = 12;  // "HTTP/1.1 200"
    if (octets.substr(without_reason).starts_with("\r\n")) {
        return;
    }
    const message ours =
        read_body(octets, *parsed, body_decoder{head.framing, head.content_length});
    if (!ours.complete || is_left_out(version, head.fields)) {
        return;
    }
    if (head.framing == body_framing::chunked && has_trailers(octets.substr(0, ours.octets))) {
        return;
    }
    beast::http::response_parser<beast::http::string_body> parser;
    const std::size_t taken = feed(parser, octets.substr(0, ours.octets));
    require(parser.is_done() && taken == ours.octets);
    require(parser.get().result_int() == head.status);
    require(parser.get().body() == ours.content);
    compare_fields(head.fields, parser.get().base());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size == 0) {
        return 0;
    }
    const std::string_view octets{reinterpret_cast<const char*>(data) + 1, size - 1};
    if (data[0] % 2 == 0) {
        compare_request(octets);
    } else {
        compare_response(octets);
    }
    return 0;
}
