#include "proxy/net/session.hpp"

#include "cache/policy/reuse.hpp"
#include "proxy/core/forwarding.hpp"
#include "proxy/net/access.hpp"
#include "proxy/net/cached_reply.hpp"
#include "proxy/net/delivery.hpp"
#include "proxy/net/purge.hpp"
#include "proxy/net/relay.hpp"
#include "proxy/net/request_reader.hpp"
#include "proxy/net/services.hpp"
#include "proxy/net/tunnel.hpp"
#include "proxy/net/wall_clock.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace proxy {
namespace {

using boost::beast::http::verb;

constexpr std::size_t most_hops = 16;
constexpr std::size_t most_queued_octets = 256 * 1024;

std::string_view sentence_for(unsigned status)
{
    switch (status) {
    case 414: return "the request target is too long";
    case 417: return "the expectation is not understood";
    case 431: return "the header section is too large";
    case 501: return "the transfer coding is not supported";
    case 505: return "only HTTP/1.1 and HTTP/1.0 are spoken here";
    default: return "the request is malformed";
    }
}

class session
{
public:
    session(services& shared, worker& here, asio::ip::tcp::socket socket)
        : shared_{shared},
          here_{here},
          stream_{std::move(socket), here.deadlines},
          delivery_{shared, stream_},
          reader_{stream_, delivery_, shared.config.limit}
    {
    }

    awaitable<void> run();

private:
    // What to do with the connection after a request.
    enum class next : std::uint8_t
    {
        go_on,
        close,   // with a lingering close: the answer must arrive
        broken,  // at once: what was sent is not whole, or the client is gone
        reset,   // the same where the end of the connection could be taken for the end of the
                 // content
    };

    awaitable<next> handle();
    awaitable<next> serve(bool content_follows);
    awaitable<next> serve_cached();
    awaitable<next> pass(cache::forward_reason reason);
    awaitable<next> open_tunnel();
    awaitable<next> purge_page(bool content_follows);
    bool may_purge() const;

    bool serve_from_memory();
    upstream_target origin() const;
    cache::request_directives directives() const;
    reply_context context(cache_status status) const;
    void refuse(unsigned status, std::string_view text, std::string_view extra_fields = {});
    void answer_in_place_of_the_origin();
    void fail(const fetch_failure& failure);
    void log();
    void write_log(log_record record);

    services& shared_;
    worker& here_;
    client_stream stream_;
    delivery delivery_;
    request_reader reader_;

    // Of the request at hand.
    std::shared_ptr<const live_rules> rules_;
    http1::request_head request_;
    target where_;
    cache::field_section fields_;  // end-to-end, Host taken out
    std::optional<cache::cache_key> key_;
    bool keep_alive_ = true;
    fetch_source source_ = fetch_source::none;
    std::chrono::steady_clock::time_point started_;
};

awaitable<void> session::run()
{
    next what = next::go_on;
    while (what == next::go_on) {
        const error_code error = co_await reader_.next(request_);
        started_ = std::chrono::steady_clock::now();
        if (error) {
            if (error.category() == http1::category()) {
                const unsigned status = http1::status_for(error);
                request_ = http1::request_head();
                keep_alive_ = false;
                refuse(status, sentence_for(status));
                static_cast<void>(co_await delivery_.flush());
                what = next::close;
            }
            break;
        }
        what = co_await handle();
        if (what == next::go_on &&
            (stream_.buffered().empty() || delivery_.queued_octets() > most_queued_octets)) {
            const error_code failed = co_await delivery_.flush();
            what = failed ? next::broken : what;
        }
    }
    if (what == next::close) {
        static_cast<void>(co_await delivery_.flush());
        co_await stream_.linger(shared_.config.limit.lingering_close);
    }
    if (what == next::reset) {
        stream_.reset();
    }
    stream_.close();
}

awaitable<session::next> session::handle()
{
    keep_alive_ = request_.keep_alive && !shared_.draining.load(std::memory_order_relaxed);
    source_ = fetch_source::none;
    rules_ = here_.rules;
    const bool has_content = request_.framing != http1::body_framing::none;
    if (request_.form == http1::target_form::authority) {
        co_return co_await open_tunnel();
    }
    auto resolved = resolve_target(request_, rules_->targets);
    if (!resolved) {
        // Content that was announced is not read: the connection cannot go on.
        keep_alive_ = keep_alive_ && !has_content;
        const bool wrong_method = resolved.error() == target_refusal::method_not_allowed;
        refuse(status_for(resolved.error()),
            explain(resolved.error()),
            wrong_method ? "Allow: GET, HEAD\r\n" : "");
        co_return keep_alive_ ? next::go_on : next::close;
    }
    where_ = std::move(*resolved);
    if (has_passed(request_.fields, shared_.pseudonym) || hops(request_.fields) > most_hops) {
        keep_alive_ = keep_alive_ && !has_content;
        refuse(508, "this request has passed here before");
        co_return keep_alive_ ? next::go_on : next::close;
    }
    if (request_.verb == verb::purge && !rules_->allow_purge.empty()) {
        co_return co_await purge_page(has_content);
    }
    co_return co_await serve(has_content);
}

// As Varnish and Squid have it; elsewhere the method is passed on like any other.
awaitable<session::next> session::purge_page(bool content_follows)
{
    keep_alive_ = keep_alive_ && !content_follows;
    if (!may_purge()) {
        refuse(403, "PURGE is not allowed from this address (--allow-purge)");
        co_return keep_alive_ ? next::go_on : next::close;
    }
    const cache::cache_key key(where_.scheme, where_.host, where_.port, where_.path_and_query);
    cache::purge_order order{cache::purge_scope::url, std::string(key.url())};
    order.is_soft = request_.fields.contains("Soft-Purge");
    const purge_counts counts = co_await purge(shared_, std::move(order));
    if (shared_.peers != nullptr) {
        shared_.peers->withdraw(key);
    }
    if (counts.disk_failed) {
        refuse(503, "the store cannot be asked now; what it holds may be found again");
    } else if (counts.in_memory + counts.on_disk == 0) {
        refuse(404, "nothing is stored under this URL");
    } else {
        refuse(200, "purged");
    }
    co_return keep_alive_ ? next::go_on : next::close;
}

bool session::may_purge() const
{
    const asio::ip::address client = stream_.remote().address();
    const std::vector<address_block>& allowed = rules_->allow_purge;
    return std::any_of(allowed.begin(), allowed.end(), [&](const address_block& block) {
        return block.contains(client);
    });
}

awaitable<session::next> session::serve(bool content_follows)
{
    const bool readable = request_.verb == verb::get || request_.verb == verb::head;
    if (readable && !content_follows) {
        const std::string_view origin_field =
            request_.fields.first(cache::field::origin).value_or("");
        key_.emplace(where_.scheme, where_.host, where_.port, where_.path_and_query, origin_field);
        if (serve_from_memory()) {
            co_return keep_alive_ ? next::go_on : next::close;
        }
    }
    const error_code flushed = co_await delivery_.flush();
    if (flushed) {
        co_return next::broken;
    }
    fields_ = request_.fields;
    remove_hop_by_hop(fields_);
    fields_.erase(cache::field::host);
    fields_.erase(cache::field::expect);  // answered here, before the content is read
    if (where_.way == way_in::coralized) {
        // Sites below one suffix must not see each other's sessions.
        fields_.erase(cache::field::cookie);
        fields_.erase(cache::field::authorization);
    }
    if (readable) {
        remove_overrides(fields_);
    }
    if (!may_pass_on(request_.verb, fields_)) {
        keep_alive_ = keep_alive_ && !content_follows;
        answer_in_place_of_the_origin();
        co_return keep_alive_ ? next::go_on : next::close;
    }
    if (!readable || content_follows) {
        co_return co_await pass(cache::forward_reason::method);
    }
    co_return co_await serve_cached();
}

// The short way: nothing is waited for and nothing is copied but the part of the head that changes.
bool session::serve_from_memory()
{
    const std::shared_ptr<const cache::memory_object> object =
        shared_.memory.lookup(*key_, request_.fields);
    if (!object) {
        return false;
    }
    const cache::wall_time now = wall_now();
    const bool plain = cache::is_plain_hit(request_.fields, object->fresh, directives(), now);
    if (!plain &&
        cache::decide_reuse(request_.fields, object->response, object->fresh, directives(), now)
                .action != cache::reuse_action::serve) {
        return false;
    }
    cache_status status;
    status.hit = true;
    status.ttl = std::chrono::duration_cast<std::chrono::seconds>(object->fresh.fresh_until - now);
    status.source = fetch_source::memory;
    source_ = fetch_source::memory;
    delivery_.queue_object(context(status), object, now);
    log();
    return true;
}

awaitable<session::next> session::serve_cached()
{
    const cached_request asked{
        request_, where_, fields_, *key_, origin(), directives(), keep_alive_};
    cached_reply reply(shared_, here_, delivery_, asked);
    const cached_outcome outcome = co_await reply.run();
    source_ = outcome.source;
    switch (outcome.what) {
    case cached_outcome::kind::pass_on: co_return co_await pass(outcome.reason);
    case cached_outcome::kind::refused:
        refuse(504, "only a stored response was asked for, and there is none that can be used");
        break;
    case cached_outcome::kind::failed: fail(outcome.failure); break;
    case cached_outcome::kind::answered:
        log();
        keep_alive_ = keep_alive_ && !outcome.ends_connection;
        if (outcome.error) {
            co_return outcome.ends_connection ? next::reset : next::broken;
        }
        break;
    }
    co_return keep_alive_ ? next::go_on : next::close;
}

awaitable<session::next> session::pass(cache::forward_reason reason)
{
    relay_order order{request_, where_, fields_, origin(), keep_alive_, reason};
    const relay_outcome outcome = co_await relay(shared_, here_, stream_, std::move(order));
    keep_alive_ = outcome.keep_alive;
    if (outcome.failure) {
        fail(*outcome.failure);
        co_return next::close;
    }
    source_ = fetch_source::origin;
    log_record record;
    record.status = outcome.summary.status;
    record.content_octets = outcome.summary.content_octets;
    record.cache = outcome.summary.cache;
    write_log(record);
    if (!outcome.whole) {
        co_return outcome.ends_by_close ? next::reset : next::broken;
    }
    co_return keep_alive_ ? next::go_on : next::close;
}

awaitable<session::next> session::open_tunnel()
{
    keep_alive_ = false;
    auto resolved = resolve_target(request_, rules_->targets);
    if (!resolved) {
        refuse(status_for(resolved.error()), explain(resolved.error()));
        co_return next::close;
    }
    where_ = std::move(*resolved);
    // What was pipelined before must not wait for the connection.
    error_code error = co_await delivery_.flush();
    if (error) {
        co_return next::broken;
    }
    result<asio::ip::tcp::socket> origin_socket =
        co_await here_.origin_and_peers.connect_tunnel(where_.host, where_.port);
    if (!origin_socket) {
        fail(failure_of(origin_socket.error()));
        co_return next::close;
    }
    const limits& limit = shared_.config.limit;
    // No Content-Length, no Transfer-Encoding: what follows is not of this response (RFC 9110,
    // section 9.3.6).
    std::string answer("HTTP/1.1 200 Connection Established\r\nVia: 1.1 ");
    answer.append(shared_.pseudonym).append("\r\nCache-Status: ").append(shared_.pseudonym);
    answer.append(";fwd=bypass;detail=tunnel\r\n\r\n");
    error = co_await stream_.write(std::string_view(answer), limit.client_write_stall);
    if (error) {
        co_return next::broken;
    }
    here_.count.add(counter::tunnels);
    const tunnel_octets octets =
        co_await run_tunnel(stream_, std::move(*origin_socket), here_.deadlines, limit.tunnel_idle);
    here_.count.add(counter::tunnel_octets, octets.to_client + octets.to_origin);
    log_record record;
    record.status = 200;
    record.content_octets = octets.to_client;
    record.cache.forward = cache::forward_reason::bypass;
    record.cache.detail = "tunnel";
    write_log(record);
    co_return next::broken;
}

upstream_target session::origin() const
{
    upstream_target place;
    place.scheme = where_.scheme;
    place.host = where_.host;
    place.port = where_.port;
    place.route_allows = where_.way == way_in::reverse;
    return place;
}

cache::request_directives session::directives() const
{
    // A browser's reload works where the client chose this proxy; where we front a site, clients
    // must not be able to reach through to the origin at will.
    return where_.way == way_in::forward ? cache::request_directives::honoured
                                         : cache::request_directives::ignored;
}

reply_context session::context(cache_status status) const
{
    return {request_, &where_, keep_alive_, status};
}

void session::refuse(unsigned status, std::string_view text, std::string_view extra_fields)
{
    own_answer answer;
    answer.status = status;
    answer.text = text;
    answer.extra_fields = extra_fields;
    answer.keep_alive = keep_alive_;
    answer.head_only = request_.verb == verb::head;
    delivery_.queue_answer(answer);
    log();
}

// A TRACE is not echoed: it would show what others on the way have added.
void session::answer_in_place_of_the_origin()
{
    constexpr std::string_view methods = "Allow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS\r\n";
    if (request_.verb == verb::options) {
        refuse(200, "Max-Forwards ends this request here", methods);
    } else {
        refuse(405, "a TRACE that ends here is not echoed", methods);
    }
}

void session::fail(const fetch_failure& failure)
{
    own_answer answer;
    answer.status = failure.status;
    answer.text = failure.text;
    answer.proxy_error = failure.proxy_error;
    answer.keep_alive = keep_alive_;
    answer.head_only = request_.verb == verb::head;
    delivery_.queue_answer(answer);
    log();
}

void session::log()
{
    const reply_summary& summary = delivery_.summary();
    log_record record;
    record.status = summary.status;
    record.content_octets = summary.content_octets;
    record.cache = summary.cache;
    write_log(record);
}

void session::write_log(log_record record)
{
    record.time = std::chrono::system_clock::now();
    record.client = stream_.remote().address();
    record.method = request_.method;
    record.target = request_.target;
    record.host = request_.fields.first(cache::field::host).value_or("");
    record.minor_version = request_.minor_version;
    record.duration = std::chrono::steady_clock::now() - started_;
    here_.count.answered(source_, record.content_octets, record.duration);
    if (source_ == fetch_source::none && record.status >= 400) {
        here_.count.add(record.status >= 500 ? counter::proxy_errors : counter::client_errors);
    }
    shared_.log(here_.number, record);
}

}  // namespace

awaitable<void> run_session(services& shared, worker& here, asio::ip::tcp::socket socket)
{
    session one(shared, here, std::move(socket));
    co_await one.run();
}

}  // namespace proxy
