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
    // 9110, section 6.5.1).
    result<step> decode(std::string_view octets);

    // The connection ended: success if that is where the body ends, errc::incomplete_message
    // otherwise.
    result<void> end_of_stream();

    bool finished() const;

private:
    // state of the implementation
};

}  // namespace proxy::http1
