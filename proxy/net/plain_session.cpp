#include "proxy/net/plain_session.hpp"

#include "proxy/http1/parser.hpp"
#include "proxy/http1/serializer.hpp"
#include "proxy/net/client_stream.hpp"

#include <utility>

namespace proxy {
namespace {

std::string write_response(const plain_response& response, bool keep_alive, bool head_only)
{
    std::string text;
    http1::append_status_line(text, response.status);
    http1::append_field(text, "Content-Type", response.content_type);
    http1::append_field(text, "Cache-Control", "no-store");
    http1::append_field(text, "X-Content-Type-Options", "nosniff");
    text.append(response.extra_fields);
    http1::append_framing(text, http1::body_framing::content_length, response.body.size());
    if (!keep_alive) {
        http1::append_field(text, "Connection", "close");
    }
    http1::append_end_of_head(text);
    if (!head_only) {
        text.append(response.body);
    }
    return text;
}

// One head, with one deadline for all of it.
awaitable<error_code> read_head(client_stream& stream,
    http1::request_parser& parser,
    http1::request_head& head,
    const limits& limit)
{
    std::chrono::milliseconds wait = limit.client_idle;
    while (true) {
        if (!stream.buffered().empty()) {
            const http1::result<std::size_t> octets = parser.parse(stream.buffered(), head);
            if (!octets || *octets != 0) {
                stream.consume(octets ? *octets : 0);
                co_return octets ? error_code() : octets.error();
            }
            wait = limit.request_head_deadline;
        }
        const error_code error = co_await stream.read_more(wait);
        if (error) {
            co_return error;
        }
    }
}

}  // namespace

awaitable<void> run_plain_session(asio::ip::tcp::socket socket,
    deadline_list& deadlines,
    const limits& limit,
    std::function<awaitable<plain_response>(const http1::request_head&)> answer)
{
    client_stream stream(std::move(socket), deadlines);
    http1::request_parser parser;
    http1::request_head head;
    bool keep_alive = true;
    while (keep_alive) {
        error_code error = co_await read_head(stream, parser, head, limit);
        plain_response response;
        if (error && error.category() != http1::category()) {
            co_return;
        }
        if (error) {
            keep_alive = false;
            response.status = http1::status_for(error);
            response.content_type = "text/plain; charset=utf-8";
            response.body = error.message() + "\n";
        } else {
            keep_alive = head.keep_alive && head.framing == http1::body_framing::none;
            awaitable<plain_response> answering = answer(head);
            response = co_await std::move(answering);
        }
        const std::string text =
            write_response(response, keep_alive, head.verb == boost::beast::http::verb::head);
        error = co_await stream.write(std::string_view(text), limit.client_write_stall);
        keep_alive = keep_alive && !error;
    }
    co_await stream.linger(limit.lingering_close);
}

}  // namespace proxy
