#include "proxy/core/response_head.hpp"

#include "proxy/core/forwarding.hpp"
#include "proxy/http1/serializer.hpp"

#include <string>

namespace proxy {

std::string stable_head(
    unsigned status, const cache::field_section& fields, std::string_view pseudonym)
{
    std::string out;
    http1::append_status_line(out, status);
    http1::append_fields(out, fields);
    out.append("Via: 1.1 ").append(pseudonym).append("\r\n");
    return out;
}

void append_ending(std::string& out,
    const head_ending& ending,
    std::string_view pseudonym,
    const cache_status& status)
{
    if (ending.age) {
        out.append("Age: ").append(std::to_string(ending.age->count())).append("\r\n");
    }
    out.append("Cache-Status: ");
    append_cache_status(out, pseudonym, status);
    out.append("\r\n");
    http1::append_framing(out, ending.framing, ending.content_length);
    if (!ending.keep_alive) {
        out.append("Connection: close\r\n");
    } else if (ending.client_minor_version == 0) {
        out.append("Connection: keep-alive\r\n");
    }
    http1::append_end_of_head(out);
}

cache::field_section fields_for_client(
    const cache::field_section& fields, const target& where, std::string_view suffix)
{
    cache::field_section changed = fields;
    if (where.way == way_in::coralized) {
        coralize_response(changed, suffix, where.coral_authority);
    }
    return changed;
}

std::string write_answer(
    const own_answer& answer, std::string_view pseudonym, std::string_view date)
{
    std::string body;
    if (answer.status >= 200 && answer.status != 204) {
        body.append("atoll: ")
            .append(std::to_string(answer.status))
            .append(": ")
            .append(answer.text)
            .append("\n");
    }
    std::string out;
    http1::append_status_line(out, answer.status);
    out.append("Date: ").append(date).append("\r\n");
    out.append("Content-Type: text/plain; charset=utf-8\r\nCache-Control: no-store\r\n");
    out.append("Via: 1.1 ").append(pseudonym).append("\r\n");
    out.append("Cache-Status: ").append(pseudonym).append("\r\n");
    if (!answer.proxy_error.empty()) {
        out.append("Proxy-Status: ");
        append_proxy_status(out, pseudonym, answer.proxy_error);
        out.append("\r\n");
    }
    out.append(answer.extra_fields);
    http1::append_framing(out, http1::body_framing::content_length, body.size());
    if (!answer.keep_alive) {
        out.append("Connection: close\r\n");
    }
    http1::append_end_of_head(out);
    if (!answer.head_only) {
        out.append(body);
    }
    return out;
}

}  // namespace proxy
