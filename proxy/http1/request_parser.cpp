#include "proxy/http1/authority.hpp"
#include "proxy/http1/field_lines.hpp"
#include "proxy/http1/framing.hpp"
#include "proxy/http1/list_members.hpp"
#include "proxy/http1/parser.hpp"
#include "proxy/http1/request_target.hpp"
#include "proxy/http1/start_line.hpp"

#include <boost/assert.hpp>

#include <optional>
#include <utility>

namespace proxy::http1 {
namespace {

using boost::beast::http::verb;
using cache::field;

// Octets of the empty line that some clients send after the content of the request before
// (RFC 9112, section 2.2), and whether what follows can be the start of a method: a TLS handshake
// or a line that begins with a blank is refused before it ends. Nothing if more octets are needed.
result<std::optional<std::size_t>> skip_empty_line(std::string_view buffered)
{
    std::size_t skipped = 0;
    if (buffered.starts_with('\r')) {
        if (buffered.size() == 1) {
            return std::nullopt;
        }
        if (buffered[1] != '\n') {
            return errc::malformed_start_line;
        }
        skipped = 2;
    }
    if (buffered.size() == skipped) {
        return std::nullopt;
    }
    if (!is_octet_of(token_octet, buffered[skipped])) {
        return errc::malformed_start_line;
    }
    return skipped;
}

result<void> read_request_line(std::string_view line, request_head& head)
{
    const result<request_line_view> parsed = parse_request_line(line);
    if (!parsed) {
        return parsed.error();
    }
    head.method.assign(parsed->method);
    head.verb = boost::beast::http::string_to_verb(parsed->method);
    const result<target_form> form = classify_target(head.verb, parsed->target);
    if (!form) {
        return form.error();
    }
    head.target.assign(parsed->target);
    head.form = *form;
    head.minor_version = parsed->minor_version;
    return {};
}

// Exactly one in HTTP/1.1, at most one before, and always a valid one (RFC 9112, section 3.2).
result<void> check_host(const request_head& head)
{
    const std::size_t lines = head.fields.count(field::host);
    if (lines == 0 && head.minor_version == 0) {
        return {};
    }
    if (lines != 1 || !parse_authority(*head.fields.first(field::host))) {
        return errc::malformed_host;
    }
    return {};
}

// True if 100-continue is expected. HTTP/1.0 does not know it: there it is ignored (RFC 9110,
// section 10.1.1).
result<bool> read_expectations(const request_head& head)
{
    const std::optional<std::string> expectations = head.fields.combined(field::expect);
    if (!expectations) {
        return false;
    }
    bool all_known = true;
    for_each_list_member(*expectations, [&all_known](std::string_view expectation) {
        all_known = all_known && equal_without_case(expectation, "100-continue");
    });
    if (!all_known) {
        return errc::unknown_expectation;
    }
    return head.minor_version != 0;
}

// RFC 9112, section 6.3, rules 3 to 7.
result<void> apply_framing(const framing_fields& framing, request_head& head)
{
    head.framing = body_framing::none;
    head.content_length = framing.content_length.value_or(0);
    if (framing.chunked) {
        head.framing = body_framing::chunked;
    } else if (framing.content_length) {
        head.framing = body_framing::content_length;
    }
    if (head.verb != verb::connect) {
        return {};
    }
    // A CONNECT request has no content (RFC 9110, section 9.3.6): octets that follow are of the
    // tunnel, and a length here would make them something else to the next recipient.
    if (framing.chunked) {
        return errc::malformed_transfer_coding;
    }
    if (head.content_length != 0) {
        return errc::malformed_content_length;
    }
    head.framing = body_framing::none;
    return {};
}

// RFC 9112, section 9.3. A proxy keeps no connection of an HTTP/1.0 client open, whatever it says;
// a gateway may, and origin-form is what gateways are sent.
bool persists(const framing_fields& framing, const request_head& head)
{
    if (framing.close) {
        return false;
    }
    return head.minor_version != 0 || (framing.keep_alive && head.form == target_form::origin);
}

result<void> read_fields(std::string_view lines, request_head& head)
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
    if (framing->odd_connection) {
        return errc::malformed_field_line;  // RFC 9110, section 7.6.1: which fields does it name?
    }
    const result<void> framed = apply_framing(*framing, head);
    if (!framed) {
        return framed;
    }
    const result<void> host = check_host(head);
    if (!host) {
        return host;
    }
    const result<bool> expects_continue = read_expectations(head);
    if (!expects_continue) {
        return expects_continue.error();
    }
    const bool content = head.framing == body_framing::chunked || head.content_length != 0;
    head.expect_continue = *expects_continue && content;
    head.keep_alive = persists(*framing, head);
    return {};
}

}  // namespace

request_parser::request_parser(const head_limits& limits) : scanner_{limits}
{
}

result<std::size_t> request_parser::parse(std::string_view buffered, request_head& head)
{
    const result<std::optional<std::size_t>> skipped = skip_empty_line(buffered);
    if (!skipped) {
        return skipped.error();
    }
    if (!*skipped) {
        return std::size_t{0};
    }
    const std::string_view octets = buffered.substr(**skipped);

    const result<std::size_t> start_line = scanner_.find_start_line(octets);
    if (!start_line || *start_line == 0) {
        return start_line;
    }
    const std::string_view line = octets.substr(0, *start_line - 2);
    // At once, so that it is refused before the fields are there; and again only if they came
    // later.
    const bool checked_before = std::exchange(start_line_checked_, true);
    result<void> accepted = checked_before ? result<void>{} : read_request_line(line, head);
    if (!accepted) {
        return accepted.error();
    }
    const result<std::size_t> end = scanner_.find_end(octets);
    if (!end || *end == 0) {
        return end;
    }
    if (checked_before) {
        accepted = read_request_line(line, head);
        BOOST_ASSERT(accepted);
    }
    accepted = read_fields(octets.substr(*start_line, *end - 2 - *start_line), head);
    if (!accepted) {
        return accepted.error();
    }
    scanner_.reset();
    start_line_checked_ = false;
    return **skipped + *end;
}

}  // namespace proxy::http1
