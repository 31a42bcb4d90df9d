// Bodies in chunks: the same content and the same end however the octets are cut, nothing taken
// after the end, and content that is written in chunks again is read as the same. The first octet
// chooses the size of the reads.

#include "proxy/http1/body_decoder.hpp"
#include "proxy/http1/serializer.hpp"

#include <algorithm>
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

struct decoded_body
{
    std::string content;
    std::size_t consumed = 0;
    bool finished = false;
    boost::system::error_code error;
};

decoded_body decode_in_reads(std::string_view octets, std::size_t read_octets)
{
    constexpr std::size_t most_left = 512;
    body_decoder decoder{body_framing::chunked, 0};
    decoded_body body;
    std::size_t received = 0;
    while (!decoder.finished()) {
        const std::string_view buffer = octets.substr(body.consumed, received - body.consumed);
        const result<body_decoder::step> step = decoder.decode(buffer);
        if (!step) {
            body.error = step.error();
            require(decoder.decode("0\r\n\r\n").error() == body.error);
            return body;
        }
        require(step->consumed <= buffer.size());
        require(step->content.empty() ||
                (step->content.data() >= buffer.data() &&
                    step->content.data() + step->content.size() <= buffer.data() + step->consumed));
        body.content += step->content;
        body.consumed += step->consumed;
        if (step->consumed == 0) {
            require(buffer.size() <= most_left);
            if (received == octets.size()) {
                break;
            }
            received = std::min(octets.size(), received + read_octets);
        }
    }
    body.finished = decoder.finished();
    require(decoder.end_of_stream().has_value() == body.finished);
    return body;
}

std::string encode(std::string_view content, std::size_t chunk_octets)
{
    std::string encoded;
    while (!content.empty()) {
        const std::string_view chunk = content.substr(0, chunk_octets);
        append_chunk_header(encoded, chunk.size());
        encoded.append(chunk).append(chunk_end);
        content.remove_prefix(chunk.size());
    }
    return encoded.append(last_chunk);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size == 0) {
        return 0;
    }
    const std::size_t read_octets = 1 + data[0];
    const std::string_view octets{reinterpret_cast<const char*>(data) + 1, size - 1};
    const decoded_body whole = decode_in_reads(octets, octets.size());
    const decoded_body cut = decode_in_reads(octets, read_octets);
    require(cut.content == whole.content && cut.error == whole.error);
    require(cut.finished == whole.finished);
    require(whole.error || cut.consumed == whole.consumed);

    const decoded_body again = decode_in_reads(encode(whole.content, read_octets), read_octets);
    require(again.finished && again.content == whole.content);
    return 0;
}
