#include "proxy/net/relay.hpp"

#include "proxy/core/forwarding.hpp"
#include "proxy/core/response_head.hpp"
#include "proxy/http1/body_decoder.hpp"
#include "proxy/http1/serializer.hpp"
#include "proxy/net/passed_answer.hpp"
#include "proxy/net/services.hpp"
#include "proxy/net/signal.hpp"
#include "proxy/net/wall_clock.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <limits>
#include <memory>
#include <utility>
#include <variant>

namespace proxy {
namespace {

using boost::beast::http::verb;
using std::chrono::steady_clock;

constexpr std::size_t piece_octets = 16 * 1024;

// While the content is on its way, its own deadlines hold.
constexpr std::chrono::hours no_deadline{24};

bool is_idempotent(verb method)
{
    switch (method) {
    case verb::get:
    case verb::head:
    case verb::options:
    case verb::trace:
    case verb::put:
    case verb::delete_: return true;
    default: return false;
    }
}

class relayed_exchange
{
public:
    relayed_exchange(services& shared, worker& here, client_stream& client, relay_order order)
        : shared_{shared},
          here_{here},
          client_{client},
          order_{std::move(order)},
          has_content_{order_.request.framing != http1::body_framing::none},
          effect_{shared_, here_, order_.request.verb, order_.where, order_.fields}
    {
    }

    awaitable<relay_outcome> run();

private:
    enum class request_fate : std::uint8_t
    {
        sent,
        refused,        // the origin answered with an error: it does not want the rest
        client_failed,  // malformed, cut short, or silent: the origin must not see an end
        origin_failed,  // it may have answered all the same
    };

    std::string request_text() const;
    awaitable<error_code> attempt(bool allow_reuse);
    awaitable<error_code> exchange_content(upstream_connection& connection);
    awaitable<error_code> ask_for_content();
    awaitable<error_code> upload(upstream_connection& connection);
    awaitable<request_fate> send_content(upstream_connection& connection);
    awaitable<error_code> pass_piece(upstream_connection& connection, std::string_view content);
    awaitable<error_code> take_answer_and_wait(upstream_connection& connection);
    awaitable<error_code> take_answer(upstream_connection& connection);
    awaitable<result<http1::response_head>> read_head(upstream_connection& connection);
    awaitable<error_code> pass_interim(http1::response_head head);
    void client_left_if(const error_code& error);
    void heard();
    awaitable<error_code> answer(upstream_connection& connection, http1::response_head head);
    awaitable<error_code> pass_body(upstream_connection& connection, const head_ending& ending);

    services& shared_;
    worker& here_;
    client_stream& client_;
    relay_order order_;
    const bool has_content_;
    passed_answer effect_;
    fetch_failure client_failure_ = given_up;
    bool content_taken_ = false;  // octets of the request's content were consumed
    bool client_failed_ = false;
    bool request_complete_ = false;
    bool sending_ended_ = false;           // of the content, whole or not
    unsigned final_status_ = 0;            // of the origin's answer, once its head is here
    bool answered_ = false;                // something of a final response went to the client
    steady_clock::time_point last_heard_;  // when the origin last had something to answer
    std::shared_ptr<signal> news_;         // wakes upload(); none if there is no content
    std::shared_ptr<signal> end_of_sending_;
    relay_outcome outcome_;
};

awaitable<relay_outcome> relayed_exchange::run()
{
    error_code error = co_await attempt(true);
    const bool again = error == upstream_errc::closed_before_response && !content_taken_ &&
                       !has_content_ && !answered_ && is_idempotent(order_.request.verb);
    if (again) {
        error = co_await attempt(false);
    }
    if (error && !answered_) {
        outcome_.failure = client_failed_ ? client_failure_ : failure_of(error);
    }
    outcome_.whole = !error && answered_;
    outcome_.keep_alive = outcome_.whole && request_complete_ && order_.keep_alive;
    co_return outcome_;
}

awaitable<error_code> relayed_exchange::attempt(bool allow_reuse)
{
    // A request with content is not worth the risk of a connection that may be closing.
    result<upstream_connection> connection =
        co_await here_.origin_and_peers.acquire(order_.origin, allow_reuse && !has_content_);
    if (!connection) {
        co_return connection.error();
    }
    here_.count.add(counter::origin_requests_pass);
    effect_.begin();
    error_code error = co_await connection->send(request_text());
    if (error) {
        co_return error;
    }
    if (has_content_) {
        error = co_await exchange_content(*connection);
    } else {
        request_complete_ = true;
        error = co_await take_answer(*connection);
    }
    here_.count.add(counter::origin_octets_pass, connection->wire_octets_received());
    if (!error && request_complete_) {
        connection->finish();
    }
    co_return error;
}

// The content goes out and the answer comes in at the same time (RFC 9112, section 9.5): an origin
// that refuses the content need not take all of it, and one that answers while it reads is not
// blocked by us.
awaitable<error_code> relayed_exchange::exchange_content(upstream_connection& connection)
{
    using asio::experimental::awaitable_operators::operator||;
    const error_code unasked = co_await ask_for_content();
    if (unasked) {
        co_return unasked;
    }
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    news_ = std::make_shared<signal>(executor);
    end_of_sending_ = std::make_shared<signal>(executor);
    last_heard_ = steady_clock::now();
    const std::variant<error_code, error_code> first =
        co_await (take_answer_and_wait(connection) || upload(connection));
    co_return std::visit([](const error_code& error) { return error; }, first);
}

// Sends the content; then watches over the answer, which has its deadline from then on. Returns
// only what ends the exchange before the answer does.
awaitable<error_code> relayed_exchange::upload(upstream_connection& connection)
{
    const request_fate fate = co_await send_content(connection);
    request_complete_ = fate == request_fate::sent;
    sending_ended_ = true;
    const auto sending_failed = steady_clock::now();
    end_of_sending_->wake();
    heard();
    while (true) {
        // Between the head and its way to the client what the request made invalid is taken from
        // the cache: not to be interrupted. A refusal is passed on whatever the client does.
        const bool may_end = final_status_ == 0 || (final_status_ < 400 && answered_);
        if (fate == request_fate::client_failed && may_end) {
            // Closing without an end: the origin sees a request that was cut short (RFC 9112,
            // section 8).
            client_failed_ = true;
            co_return error_code(upstream_errc::cancelled);
        }
        auto deadline = final_status_ != 0 ? steady_clock::time_point::max()
                                           : last_heard_ + shared_.config.limit.origin_first_byte;
        if (fate == request_fate::origin_failed && final_status_ == 0) {
            // An answer that is on its way already may say why; nothing else will come.
            deadline = std::min(deadline, sending_failed + shared_.config.limit.lingering_close);
        }
        if (steady_clock::now() >= deadline) {
            co_return error_code(upstream_errc::first_byte_timeout);
        }
        co_await news_->wait(deadline);
    }
}

// Only an error says that the rest of the content is not wanted. Behind any other answer it still
// goes out, within its own deadlines: the client was told that its request succeeded.
awaitable<error_code> relayed_exchange::take_answer_and_wait(upstream_connection& connection)
{
    const error_code error = co_await take_answer(connection);
    while (!error && final_status_ < 400 && !sending_ended_) {
        co_await end_of_sending_->wait(steady_clock::time_point::max());
    }
    co_return error;
}

awaitable<error_code> relayed_exchange::take_answer(upstream_connection& connection)
{
    result<http1::response_head> head = co_await read_head(connection);
    if (!head) {
        co_return head.error();
    }
    final_status_ = head->status;
    co_await effect_.take_head(*head);
    co_return co_await answer(connection, *std::move(head));
}

void relayed_exchange::heard()
{
    last_heard_ = steady_clock::now();
    if (news_) {
        news_->wake();
    }
}

std::string relayed_exchange::request_text() const
{
    cache::field_section fields = order_.fields;
    add_via(fields, shared_.pseudonym);
    add_cdn_loop(fields, shared_.pseudonym);
    std::string text;
    http1::append_request_line(text, order_.request.method, order_.where.path_and_query);
    http1::append_field(text, "Host", order_.where.authority());
    http1::append_fields(text, fields);
    if (has_content_) {
        http1::append_framing(text, order_.request.framing, order_.request.content_length);
    }
    http1::append_end_of_head(text);
    return text;
}

// Done by us: an origin that never sends a 100 would leave the client waiting.
awaitable<error_code> relayed_exchange::ask_for_content()
{
    if (!order_.request.expect_continue) {
        co_return error_code();
    }
    std::string interim;
    http1::append_status_line(interim, 100);
    http1::append_end_of_head(interim);
    const error_code error =
        co_await client_.write(std::string_view(interim), shared_.config.limit.client_write_stall);
    client_left_if(error);
    co_return error;
}

awaitable<relayed_exchange::request_fate> relayed_exchange::send_content(
    upstream_connection& connection)
{
    const limits& limit = shared_.config.limit;
    http1::body_decoder decoder(order_.request.framing, order_.request.content_length);
    while (!decoder.finished()) {
        const http1::result<http1::body_decoder::step> step = decoder.decode(client_.buffered());
        if (!step) {
            client_failure_ = {http1::status_for(step.error()),
                "http_request_error",
                "the content of the request is malformed"};
            co_return request_fate::client_failed;
        }
        content_taken_ = content_taken_ || step->consumed != 0;
        if (final_status_ >= 400) {
            co_return request_fate::refused;
        }
        if (!step->content.empty()) {
            const error_code error = co_await pass_piece(connection, step->content);
            if (error) {
                co_return request_fate::origin_failed;
            }
        }
        client_.consume(step->consumed);
        if (step->consumed == 0 && !decoder.finished()) {
            const error_code error = co_await client_.read_more(limit.request_body_idle);
            if (error) {
                const bool silent = error == asio::error::timed_out;
                client_failure_ = {silent ? 408U : 400U,
                    "http_request_error",
                    silent ? "the rest of the request did not come in time"
                           : "the request was cut short"};
                co_return request_fate::client_failed;
            }
        }
    }
    if (order_.request.framing == http1::body_framing::chunked) {
        const error_code error = co_await connection.send(http1::last_chunk);
        if (error) {
            co_return request_fate::origin_failed;
        }
    }
    co_return request_fate::sent;
}

awaitable<error_code> relayed_exchange::pass_piece(
    upstream_connection& connection, std::string_view content)
{
    if (order_.request.framing != http1::body_framing::chunked) {
        co_return co_await connection.send(content);
    }
    std::string header;
    http1::append_chunk_header(header, content.size());
    std::array<asio::const_buffer, 3> pieces;
    pieces[0] = asio::buffer(header);
    pieces[1] = asio::buffer(content);
    pieces[2] = asio::buffer(http1::chunk_end);
    co_return co_await connection.send_gather(std::span<const asio::const_buffer>(pieces));
}

awaitable<result<http1::response_head>> relayed_exchange::read_head(upstream_connection& connection)
{
    const std::chrono::milliseconds deadline =
        has_content_ ? no_deadline
                     : std::chrono::milliseconds(shared_.config.limit.origin_first_byte);
    while (true) {
        result<http1::response_head> head =
            co_await connection.read_head(order_.request.verb, deadline);
        heard();
        if (!head || head->status >= 200) {
            co_return head;
        }
        const error_code error = co_await pass_interim(*std::move(head));
        if (error) {
            co_return error;
        }
    }
}

// RFC 9110, section 15.2; the 100 is ours to send.
awaitable<error_code> relayed_exchange::pass_interim(http1::response_head head)
{
    if (head.status == 100 || order_.request.minor_version == 0) {
        co_return error_code();
    }
    remove_hop_by_hop(head.fields);
    std::string text = stable_head(head.status,
        fields_for_client(head.fields, order_.where, shared_.config.suffix),
        shared_.pseudonym);
    http1::append_end_of_head(text);
    const error_code error =
        co_await client_.write(std::string_view(text), shared_.config.limit.client_write_stall);
    client_left_if(error);
    co_return error;
}

// Before anything of a final answer: nobody is there to be told, but the log and the counters must
// not put it down to the origin.
void relayed_exchange::client_left_if(const error_code& error)
{
    if (error) {
        client_failed_ = true;
        client_failure_ = {400, "http_request_error", "the client left before it had its answer"};
    }
}

awaitable<error_code> relayed_exchange::answer(
    upstream_connection& connection, http1::response_head head)
{
    // What the content would be long: of a HEAD and of a 304 it is not the framing of this message.
    const std::string named_length{head.fields.first(cache::field::content_length).value_or("")};
    remove_hop_by_hop(head.fields);
    if (head.framing == http1::body_framing::none && head.status != 204 && !named_length.empty()) {
        head.fields.add(cache::field::content_length, named_length);
    }
    outcome_.summary.status = head.status;
    cache_status status;
    status.forward = order_.reason;
    status.forward_status = head.status;
    status.source = fetch_source::origin;
    outcome_.summary.cache = status;

    const bool old_client = order_.request.minor_version == 0;
    const bool length_unknown = head.framing == http1::body_framing::chunked ||
                                head.framing == http1::body_framing::until_close;
    head_ending ending;
    ending.framing = length_unknown ? (old_client ? http1::body_framing::until_close
                                                  : http1::body_framing::chunked)
                                    : head.framing;
    ending.content_length = head.content_length;
    if (ending.framing == http1::body_framing::until_close || !request_complete_) {
        order_.keep_alive = false;
    }
    outcome_.ends_by_close = ending.framing == http1::body_framing::until_close;
    ending.keep_alive = order_.keep_alive;
    ending.client_minor_version = order_.request.minor_version;
    cache::ensure_date(head.fields, wall_now());
    std::string text = stable_head(head.status,
        fields_for_client(head.fields, order_.where, shared_.config.suffix),
        shared_.pseudonym);
    append_ending(text, ending, shared_.pseudonym, status);
    answered_ = true;
    heard();
    const error_code error =
        co_await client_.write(std::string_view(text), shared_.config.limit.client_write_stall);
    if (error) {
        co_return error;
    }
    co_return co_await pass_body(connection, ending);
}

awaitable<error_code> relayed_exchange::pass_body(
    upstream_connection& connection, const head_ending& ending)
{
    const limits& limit = shared_.config.limit;
    const bool chunked = ending.framing == http1::body_framing::chunked;
    std::uint64_t left = ending.framing == http1::body_framing::content_length
                             ? ending.content_length
                             : std::numeric_limits<std::uint64_t>::max();
    std::string piece(piece_octets, '\0');
    while (true) {
        const result<std::size_t> octets =
            co_await connection.read_content(asio::buffer(piece), limit.origin_idle);
        if (!octets) {
            co_return octets.error();
        }
        effect_.take_content(std::string_view(piece).substr(0, *octets));
        left -= std::min<std::uint64_t>(left, *octets);
        if (*octets == 0 || left == 0) {
            effect_.take_end();
        }
        std::string header;
        std::array<asio::const_buffer, 3> buffers;
        if (*octets == 0) {
            buffers[0] = chunked ? asio::buffer(http1::last_chunk) : asio::const_buffer();
        } else {
            if (chunked) {
                http1::append_chunk_header(header, *octets);
                buffers[0] = asio::buffer(header);
                buffers[2] = asio::buffer(http1::chunk_end);
            }
            buffers[1] = asio::buffer(piece.data(), *octets);
        }
        const error_code error = co_await client_.write(
            std::span<asio::const_buffer>(buffers), limit.client_write_stall);
        if (error || *octets == 0) {
            co_return error;
        }
        outcome_.summary.content_octets += *octets;
    }
}

}  // namespace

awaitable<relay_outcome> relay(
    services& shared, worker& here, client_stream& client, relay_order order)
{
    relayed_exchange one(shared, here, client, std::move(order));
    co_return co_await one.run();
}

}  // namespace proxy
