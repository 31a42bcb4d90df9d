// Writes messages anew from what was understood; nothing received is ever passed on as it came.
// Sans-I/O.

#pragma once

#include "proxy/http1/message.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace proxy::http1 {

// "METHOD target HTTP/1.1" CRLF. Both are of a parsed request_head or built by our own code;
// asserted.
void append_request_line(std::string& out, std::string_view method, std::string_view target);

// "HTTP/1.1 status reason" CRLF, the reason being our own text for that status or empty.
void append_status_line(std::string& out, unsigned status);

// Each line as "Name: value" CRLF. Values are valid by construction of field_section.
void append_fields(std::string& out, const cache::field_section& fields);
void append_field(std::string& out, std::string_view name, std::string_view value);

// The one framing field that the message carries: Content-Length, Transfer-Encoding, or none. For a
// response with framing until_close nothing is written; the caller sends Connection: close.
void append_framing(std::string& out, body_framing framing, std::uint64_t content_length);

// The empty line that ends a head.
void append_end_of_head(std::string& out);

// A chunk is its header, the data, and chunk_end; the body ends with last_chunk.
void append_chunk_header(std::string& out, std::uint64_t octets);
inline constexpr std::string_view chunk_end = "\r\n";
inline constexpr std::string_view last_chunk = "0\r\n\r\n";

}  // namespace proxy::http1
