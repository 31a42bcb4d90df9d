#include "proxy/http1/field_lines.hpp"
#include "proxy/http1/framing.hpp"
#include "proxy/http1/parser.hpp"
#include "proxy/http1/start_line.hpp"

#include <boost/assert.hpp>

#include <utility>

namespace proxy::http1 {
namespace {

using boost::beast::http::verb;

constexpr unsigned no_content = 204;
constexpr unsigned not_modified = 304;

result<void> read_status_line(std::string_view line, response_head& head)
{
    const result<status_line_view> parsed = parse_status_line(line);
    if (!parsed) {
        return parsed.error();
    }
    head.status = parsed->status;
    head.minor_version = parsed->minor_version;
    return {};
}

bool is_interim(unsigned status)
{
    return status < 200;
}

// Of a final one.
bool is_successful(unsigned status)
{
    return status < 300;
}

// RFC 9112, section 6.3, rules 1 and 2.
bool has_no_content(unsigned status, verb request_verb)
{
    return request_verb == verb::head || is_interim(status) || status == no_content ||
           status == not_modified || (request_verb == verb::connect && is_successful(status));
}

// RFC 9112, section 6.3.
result<void> apply_framing(const framing_fields& framing, verb request_verb, response_head& head)
{
    const bool without_content = has_no_content(head.status, request_verb);
    if (framing.chunked && (is_interim(head.status) || head.status == no_content)) {
        return errc::malformed_transfer_coding;  // section 6.1: must not be sent
    }
    head.content_length = framing.content_length.value_or(0);
    head.keep_alive = !framing.close && !framing.odd_connection &&
                      (head.minor_version != 0 || framing.keep_alive);
    if (without_content) {
        head.framing = body_framing::none;
        // A length in 1xx or 204 (RFC 9110, section 8.6: must not be sent), or a coding in 304
        // (allowed, and rare): the origin may believe that content follows.
        const bool doubtful = framing.chunked
                                  ? head.status == not_modified
                                  : head.content_length != 0 && head.status != not_modified &&
                                        request_verb != verb::head;
        head.keep_alive = head.keep_alive && !doubtful;
    } else if (framing.chunked) {
        head.framing = body_framing::chunked;
    } else if (framing.content_length) {
        head.framing = body_framing::content_length;
    } else {
        head.framing = body_framing::until_close;
        head.keep_alive = false;
    }
    return {};
}

result<void> read_fields(std::string_view lines, verb request_verb, response_head& head)
{
    head.fields.clear();
    const result<void> parsed = parse_field_lines(lines, head.fields);
    if (!parsed) {
        return parsed;
    }
    const result<framing_fields> framing = read_framing_fields(head.fields, head.minor_version);
    if (!framing) {
        return framing.error();
    }
    return apply_framing(*framing, request_verb, head);
}

}  // namespace

response_parser::response_parser(const head_limits& limits) : scanner_{limits}
{
}

result<std::size_t> response_parser::parse(
    std::string_view buffered, verb request_verb, response_head& head)
{
    if (!buffered.empty() && buffered.front() != 'H') {
        return errc::malformed_start_line;  // no HTTP at all, perhaps without a line end ever
    }
    const result<std::size_t> start_line = scanner_.find_start_line(buffered);
    if (!start_line && start_line.error() == errc::target_too_long) {
        return errc::fields_too_large;  // a status line has no target
    }
    if (!start_line || *start_line == 0) {
        return start_line;
    }
    const std::string_view line = buffered.substr(0, *start_line - 2);
    const bool checked_before = std::exchange(start_line_checked_, true);
    result<void> accepted = checked_before ? result<void>{} : read_status_line(line, head);
    if (!accepted) {
        return accepted.error();
    }
    const result<std::size_t> end = scanner_.find_end(buffered);
    if (!end || *end == 0) {
        return end;
    }
    if (checked_before) {
        accepted = read_status_line(line, head);
        BOOST_ASSERT(accepted);
    }
    accepted =
        read_fields(buffered.substr(*start_line, *end - 2 - *start_line), request_verb, head);
    if (!accepted) {
        return accepted.error();
    }
    scanner_.reset();
    start_line_checked_ = false;
    return end;
}

}  // namespace proxy::http1
