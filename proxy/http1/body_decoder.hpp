// Takes the framing off a message body (RFC 9112, sections 6 and 7). Sans-I/O.

#pragma once

#include "proxy/http1/errc.hpp"
#include "proxy/http1/message.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace proxy::http1 {

class body_decoder
{
public:
    // One step: `consumed` octets are done with, `content` is the part of them that is content (a
    // view into the argument). Either may be empty.
    struct step
    {
        std::size_t consumed = 0;
        std::string_view content;
    };

    body_decoder() = default;  // of an empty body
    body_decoder(body_framing framing, std::uint64_t content_length);

    // Call again with what is left until finished() or until a step consumes nothing: then read
    // more octets first (at most 512 octets are ever left unconsumed). Octets after the end of the
    // body are never consumed. Chunk extensions are checked and dropped; so are trailer fields (RFC
    // 9110, section 6.5.1). What was content before an error is delivered before the error,
    // however the octets are cut into calls; an error is final.
    result<step> decode(std::string_view octets);

    // The connection ended: success if that is where the body ends, errc::incomplete_message
    // otherwise.
    result<void> end_of_stream();

    bool finished() const { return state_ == state::finished; }

private:
    enum class state : std::uint8_t
    {
        finished,
        content,  // remaining_ octets, then the end
        until_close,
        chunk_line,
        chunk_data,         // remaining_ octets
        end_of_chunk,       // CRLF after the data
        trailer_line,       // at the first octet of a trailer field or of the last line
        trailer_name,       // after its first octet
        trailer_value,      // after the colon
        trailer_line_feed,  // after the CR of a trailer field
        body_line_feed,     // after the CR of the last line
        failed,
    };

    step take_content(std::string_view octets);
    result<std::size_t> take_framing(std::string_view octets);
    result<std::size_t> take_chunk_line(std::string_view octets);
    result<std::size_t> take_chunk_end(std::string_view octets);
    result<std::size_t> take_trailers(std::string_view octets);
    result<state> after_trailer_octet(char octet) const;

    state state_ = state::finished;
    errc failure_ = errc::malformed_chunk;  // valid if state_ is failed
    std::uint64_t remaining_ = 0;
    std::uint64_t excess_ = 0;  // framing octets that no content pays for
    std::size_t trailer_octets_ = 0;
};

}  // namespace proxy::http1
