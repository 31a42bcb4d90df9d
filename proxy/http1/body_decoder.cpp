#include "proxy/http1/body_decoder.hpp"

#include "proxy/http1/ascii.hpp"
#include "proxy/http1/chunk_line.hpp"

#include <boost/assert.hpp>

#include <algorithm>

namespace proxy::http1 {
namespace {

constexpr std::size_t chunk_line_limit = chunk_size_digits + chunk_extension_octets + 2;  // CRLF
constexpr std::size_t trailer_limit = 8 * 1024;  // all trailers; they are dropped anyhow

// Octets spent on framing may exceed the content by so much, not counting the first few of each
// chunk: who flushes every octet is slow, who sends an extension with every octet attacks
// (CVE-2023-39326 of Go, whose rule this is).
constexpr std::uint64_t excess_limit = 16 * 1024;
constexpr std::uint64_t free_per_chunk = 16;

}  // namespace

body_decoder::body_decoder(body_framing framing, std::uint64_t content_length)
{
    switch (framing) {
    case body_framing::content_length:
        remaining_ = content_length;
        state_ = content_length == 0 ? state::finished : state::content;
        break;
    case body_framing::chunked: state_ = state::chunk_line; break;
    case body_framing::until_close: state_ = state::until_close; break;
    default: break;  // none
    }
}

result<body_decoder::step> body_decoder::decode(std::string_view octets)
{
    std::size_t framing_octets = 0;
    while (true) {
        const std::string_view rest = octets.substr(framing_octets);
        switch (state_) {
        case state::failed: return failure_;
        case state::finished: return step{framing_octets, {}};
        case state::content:
        case state::chunk_data:
        case state::until_close: {
            step taken = take_content(rest);
            taken.consumed += framing_octets;
            return taken;
        }
        default: break;
        }
        const result<std::size_t> taken = take_framing(rest);
        if (!taken) {
            failure_ = static_cast<errc>(taken.error().value());
            state_ = state::failed;
            return failure_;
        }
        if (*taken == 0) {
            return step{framing_octets, {}};
        }
        framing_octets += *taken;
    }
}

result<void> body_decoder::end_of_stream()
{
    switch (state_) {
    case state::failed: return failure_;
    case state::finished: return {};
    case state::until_close: state_ = state::finished; return {};
    default: return errc::incomplete_message;
    }
}

body_decoder::step body_decoder::take_content(std::string_view octets)
{
    if (state_ == state::until_close) {
        return {octets.size(), octets};
    }
    const auto wanted =
        static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, octets.size()));
    remaining_ -= wanted;
    if (remaining_ == 0) {
        state_ = state_ == state::content ? state::finished : state::end_of_chunk;
    }
    return {wanted, octets.substr(0, wanted)};
}

result<std::size_t> body_decoder::take_framing(std::string_view octets)
{
    switch (state_) {
    case state::chunk_line: return take_chunk_line(octets);
    case state::end_of_chunk: return take_chunk_end(octets);
    default: return take_trailers(octets);
    }
}

result<std::size_t> body_decoder::take_chunk_line(std::string_view octets)
{
    const std::size_t feed = octets.substr(0, chunk_line_limit).find('\n');
    if (feed == std::string_view::npos) {
        if (octets.size() >= chunk_line_limit) {
            return errc::chunk_overhead_too_large;
        }
        return std::size_t{0};
    }
    if (feed == 0 || octets[feed - 1] != '\r') {
        return errc::malformed_chunk;
    }
    const result<std::uint64_t> size = parse_chunk_line(octets.substr(0, feed - 1));
    if (!size) {
        return size.error();
    }
    const std::uint64_t line_octets = feed + 1;
    const std::uint64_t paid = *size + free_per_chunk;
    excess_ += line_octets;
    excess_ -= std::min(excess_, paid);
    if (excess_ > excess_limit) {
        return errc::chunk_overhead_too_large;
    }
    remaining_ = *size;
    state_ = *size == 0 ? state::trailer_line : state::chunk_data;
    return feed + 1;
}

result<std::size_t> body_decoder::take_chunk_end(std::string_view octets)
{
    constexpr std::string_view crlf = "\r\n";
    if (!crlf.starts_with(octets.substr(0, crlf.size()))) {
        return errc::malformed_chunk;
    }
    if (octets.size() < crlf.size()) {
        return std::size_t{0};
    }
    state_ = state::chunk_line;
    return crlf.size();
}

result<std::size_t> body_decoder::take_trailers(std::string_view octets)
{
    std::size_t taken = 0;
    while (taken != octets.size() && state_ != state::finished) {
        if (++trailer_octets_ > trailer_limit) {
            return errc::fields_too_large;
        }
        const result<state> next = after_trailer_octet(octets[taken]);
        if (!next) {
            return next.error();
        }
        state_ = *next;
        ++taken;
    }
    return taken;
}

// trailer-section CRLF, of the same grammar as the header section (RFC 9112, section 7.1.2).
result<body_decoder::state> body_decoder::after_trailer_octet(char octet) const
{
    switch (state_) {
    case state::trailer_line:
        if (octet == '\r') {
            return state::body_line_feed;
        }
        if (is_octet_of(token_octet, octet)) {
            return state::trailer_name;
        }
        break;
    case state::trailer_name:
        if (octet == ':') {
            return state::trailer_value;
        }
        if (is_octet_of(token_octet, octet)) {
            return state::trailer_name;
        }
        break;
    case state::trailer_value:
        if (octet == '\r') {
            return state::trailer_line_feed;
        }
        if (is_octet_of(value_octet, octet)) {
            return state::trailer_value;
        }
        break;
    case state::trailer_line_feed:
        if (octet == '\n') {
            return state::trailer_line;
        }
        break;
    default:  // body_line_feed
        if (octet == '\n') {
            return state::finished;
        }
    }
    return errc::malformed_field_line;
}

}  // namespace proxy::http1
