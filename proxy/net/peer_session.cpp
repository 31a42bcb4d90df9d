#include "cache/policy/cache_control.hpp"
#include "cache/policy/content_coding.hpp"
#include "cache/policy/reuse.hpp"
#include "cache/policy/vary.hpp"
#include "proxy/net/delivery.hpp"
#include "proxy/net/request_reader.hpp"
#include "proxy/net/services.hpp"
#include "proxy/net/session.hpp"
#include "proxy/net/wall_clock.hpp"

#include <chrono>
#include <utility>

namespace proxy {
namespace {

using boost::beast::http::verb;

constexpr std::chrono::milliseconds first_interim{100};

class peer_session
{
public:
    peer_session(services& shared, worker& here, asio::ip::tcp::socket socket)
        : shared_{shared},
          here_{here},
          stream_{std::move(socket), here.deadlines},
          delivery_{shared, stream_},
          reader_{stream_, delivery_, shared.config.limit}
    {
    }

    awaitable<void> run();

private:
    awaitable<error_code> answer();
    awaitable<error_code> serve_flight(std::shared_ptr<flight> source);
    void refuse(unsigned status, std::string_view text);
    bool may_have(const cache::stored_response& response, const cache::freshness& fresh) const;
    reply_context hit(const cache::freshness& fresh, fetch_source source) const;
    void served();

    services& shared_;
    worker& here_;
    client_stream stream_;
    delivery delivery_;
    request_reader reader_;
    http1::request_head request_;
    target where_;
    bool keep_alive_ = true;
};

awaitable<void> peer_session::run()
{
    // Without a swarm secret trusted content goes to loopback only, whatever the port is bound to.
    keep_alive_ = shared_.peers_trusted && stream_.remote().address().is_loopback();
    while (keep_alive_) {
        error_code error = co_await reader_.next(request_);
        if (error) {
            break;
        }
        keep_alive_ = request_.keep_alive && !shared_.draining.load(std::memory_order_relaxed);
        error = co_await answer();
        if (!error) {
            error = co_await delivery_.flush();
        }
        if (error) {
            stream_.close();
            co_return;
        }
    }
    co_await stream_.linger(shared_.config.limit.lingering_close);
}

awaitable<error_code> peer_session::answer()
{
    const bool well_formed =
        request_.minor_version == 1 && request_.form == http1::target_form::absolute &&
        request_.verb == verb::get && request_.framing == http1::body_framing::none &&
        cache::parse_cache_control(request_.fields).only_if_cached;
    if (!well_formed) {
        // A web page that got hold of the port cannot send this form, and a browser used as one
        // learns nothing.
        keep_alive_ = false;
        refuse(403, "peers ask with an absolute URI and only-if-cached");
        co_return error_code();
    }
    auto resolved = resolve_target(request_, here_.rules->targets);
    if (!resolved) {
        refuse(status_for(resolved.error()), explain(resolved.error()));
        co_return error_code();
    }
    where_ = std::move(*resolved);
    const std::string_view origin_field = request_.fields.first(cache::field::origin).value_or("");
    const cache::cache_key key(
        where_.scheme, where_.host, where_.port, where_.path_and_query, origin_field);
    const cache::wall_time now = wall_now();
    if (const auto object = shared_.memory.lookup(key, request_.fields);
        object && may_have(object->response, object->fresh)) {
        delivery_.queue_object(hit(object->fresh, fetch_source::memory), object, now);
        served();
        co_return error_code();
    }
    std::string table_key = key.text();
    table_key.append(" ").append(cache::name_of(cache::accepted_codings(request_.fields)));
    if (std::shared_ptr<flight> source = shared_.flights.find(table_key, key.hash())) {
        co_return co_await serve_flight(std::move(source));
    }
    const stored_lookup found = co_await find_on_disk(shared_, key, request_.fields);
    if (found.selected && may_have(found.selected->head(), found.selected->fresh)) {
        const reply_context context = hit(found.selected->fresh, fetch_source::disk);
        error_code error;
        if (found.selected->object) {
            delivery_.queue_object(context, found.selected->object, now);
        } else {
            error = co_await delivery_.send_from_disk(context, *found.selected, now);
        }
        served();
        co_return error;
    }
    refuse(504, "not stored here");
    co_return error_code();
}

// What is arriving here from the origin, as it arrives. A flight that is itself still looking among
// peers is not waited for: two that waited for each other would both wait in vain.
awaitable<error_code> peer_session::serve_flight(std::shared_ptr<flight> source)
{
    flight_reader reader(source, co_await asio::this_coro::executor);
    const auto end = std::chrono::steady_clock::now() + shared_.config.limit.origin_first_byte;
    std::chrono::milliseconds patience = first_interim;
    flight_state state = source->state();
    while (state == flight_state::waiting && source->source() == fetch_source::origin &&
           std::chrono::steady_clock::now() < end) {
        state = co_await reader.wait_for_head(std::chrono::steady_clock::now() + patience);
        if (state == flight_state::waiting) {
            const error_code error = co_await delivery_.send_interim();
            if (error) {
                co_return error;
            }
            patience = shared_.config.limit.peer_interim;
        }
    }
    const std::shared_ptr<const flight_head> head = source->head();
    if (!head || !head->peers_may_read || reader.too_late() ||
        !cache::selects(head->response, request_.fields)) {
        refuse(504, "not available to peers");
        co_return error_code();
    }
    cache_status status;
    status.forward = cache::forward_reason::uri_miss;
    status.collapsed = true;
    status.source = head->source;
    const reply_context context{request_, &where_, keep_alive_, status};
    const cache::wall_time now = wall_now();
    const error_code error = co_await delivery_.send_flight(context, reader, now);
    served();
    co_return error;
}

bool peer_session::may_have(
    const cache::stored_response& response, const cache::freshness& fresh) const
{
    const auto now = wall_now();
    return response.status == 200 && response.sharing != cache::sharing_class::node_local &&
           fresh.is_fresh(now);
}

reply_context peer_session::hit(const cache::freshness& fresh, fetch_source source) const
{
    const auto now = wall_now();
    cache_status status;
    status.hit = true;
    status.ttl = std::chrono::duration_cast<std::chrono::seconds>(fresh.fresh_until - now);
    status.source = source;
    return {request_, &where_, keep_alive_, status};
}

void peer_session::refuse(unsigned status, std::string_view text)
{
    own_answer answer;
    answer.status = status;
    answer.text = text;
    answer.keep_alive = keep_alive_;
    delivery_.queue_answer(answer);
    here_.count.add(counter::peer_requests_miss);
}

void peer_session::served()
{
    here_.count.add(counter::peer_requests_hit);
    here_.count.add(counter::peer_octets, delivery_.summary().content_octets);
}

}  // namespace

awaitable<void> run_peer_session(services& shared, worker& here, asio::ip::tcp::socket socket)
{
    peer_session one(shared, here, std::move(socket));
    co_await one.run();
}

}  // namespace proxy
