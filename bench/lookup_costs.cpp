#include "bench/lookup_costs.hpp"

#include "bench/memory.hpp"
#include "dht/core/decoder.hpp"
#include "dht/core/encoder.hpp"
#include "dht/core/node.hpp"
#include "dht/core/value_store.hpp"
#include "tests/sim/world/seeded_random.hpp"

#include <algorithm>
#include <cstdint>
#include <ctime>
#include <optional>
#include <span>
#include <string>
#include <utility>

namespace bench {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t padded = 260;
constexpr std::size_t headers = 28;  // of IPv4 and UDP

dht::endpoint number(std::uint32_t which)
{
    return {boost::asio::ip::address_v4{0x0a000000U + which}, 4128};
}

std::span<const std::byte> as_datagram(const std::string& text)
{
    return std::as_bytes(std::span{text});
}

// A node, and somebody who writes to it.
class asked_node
{
public:
    asked_node()
    {
        for (std::uint32_t i = 100; i < 400; ++i) {
            befriend(number(i));
        }
    }

    // The length of what comes back for it, on the wire.
    std::size_t ask(const std::string& question)
    {
        now_ += 1ms;
        node_.handle_datagram(asker, as_datagram(question), now_);
        std::size_t octets = 0;
        while (const auto next = node_.poll_output()) {
            if (const auto* sent = std::get_if<dht::send_datagram>(&*next)) {
                octets += sent->to == asker ? sent->octets.size() + headers : 0;
            }
        }
        return octets;
    }

    // As somebody with a token.
    void store(const dht::node_id& key, std::uint32_t host)
    {
        const dht::endpoint from = number(host);
        dht::message question = query_of(from, dht::get_peers_query{key, 3'600s});
        const auto reply = exchange(from, question);
        if (reply) {
            const dht::put_terms terms{dht::pointer_state::complete, 3'600s, 0, {}};
            exchange(from, query_of(from, dht::announce_query{key, reply->token, 0, terms}));
        }
    }

    static dht::message query_of(const dht::endpoint& from, dht::query_method method)
    {
        dht::message what;
        what.transaction = "abcd";
        auto& asked = what.body.emplace<dht::query>();
        asked.sender = dht::id_of(from);
        asked.network = dht::tag_of("atoll");
        asked.method = std::move(method);
        return what;
    }

    static inline const dht::endpoint asker = number(2);

private:
    std::optional<dht::response> exchange(const dht::endpoint& from, const dht::message& what)
    {
        const std::string text = dht::encode(what, padded);
        node_.handle_datagram(from, as_datagram(text), now_);
        std::optional<dht::response> reply;
        while (const auto next = node_.poll_output()) {
            const auto* const sent = std::get_if<dht::send_datagram>(&*next);
            if (sent == nullptr || sent->to != from) {
                continue;
            }
            const auto said = dht::decode(as_datagram(sent->octets));
            const auto* const response = said ? std::get_if<dht::response>(&said->body) : nullptr;
            if (response != nullptr) {
                reply = *response;
            }
        }
        return reply;
    }

    void befriend(const dht::endpoint& who)
    {
        const std::string hello = dht::encode(query_of(who, dht::ping_query{}), padded);
        node_.handle_datagram(who, as_datagram(hello), now_);
        while (const auto next = node_.poll_output()) {
            const auto* const sent = std::get_if<dht::send_datagram>(&*next);
            if (sent == nullptr) {
                continue;
            }
            const auto said = dht::decode(as_datagram(sent->octets));
            if (said && std::holds_alternative<dht::query>(said->body)) {
                dht::message answer;
                answer.transaction = said->transaction;
                auto& reply = answer.body.emplace<dht::response>();
                reply.sender = dht::id_of(who);
                reply.sloppy.emplace();
                const std::string text = dht::encode(answer, padded);
                node_.handle_datagram(who, as_datagram(text), now_);
            }
        }
    }

    sim::seeded_random random_{1};
    dht::time_point now_{1h};
    dht::node node_{number(1), std::nullopt, dht::config{}, random_, now_};
};

std::string question_about(const dht::node_id& key, std::size_t octets)
{
    return dht::encode(
        asked_node::query_of(asked_node::asker, dht::get_peers_query{key, std::nullopt}), octets);
}

const dht::node_id key = dht::sha1("key");

void store_four(asked_node& node)
{
    for (std::uint32_t i = 0; i < 4; ++i) {
        node.store(key, 500 + i);
    }
}

}  // namespace

double microseconds_per_answer()
{
    asked_node node;
    store_four(node);
    const std::string question = question_about(key, 0);
    constexpr int count = 200'000;
    const std::clock_t start = std::clock();
    for (int i = 0; i < count; ++i) {
        node.ask(question);
    }
    const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    return seconds * 1e6 / count;
}

double octets_per_value()
{
    constexpr std::uint32_t keys = 25'000;
    constexpr std::uint32_t to_a_key = 4;
    const double before = allocated_octets();
    dht::value_store store{dht::config{}};
    for (std::uint32_t i = 0; i < keys; ++i) {
        const dht::node_id one = dht::sha1(std::to_string(i));
        for (std::uint32_t k = 0; k < to_a_key; ++k) {
            dht::pointer value;
            value.peer = number(k * 1'000 + i % 1'000);
            value.life = 3'600s;
            store.put(one, value, dht::admission::ordinary, dht::time_point{1h});
        }
    }
    return (allocated_octets() - before) / static_cast<double>(store.size());
}

double octets_of_answer()
{
    asked_node node;
    store_four(node);
    const std::string question = question_about(key, padded);
    node.ask(question);  // and a ping: we are strangers
    return static_cast<double>(node.ask(question) - headers);
}

double amplification()
{
    asked_node node;
    store_four(node);
    double worst = 0;
    for (const dht::node_id& about : {key, dht::sha1("something else")}) {
        for (const std::size_t octets : {std::size_t{0}, padded}) {
            // A flood: what a stranger is sent once, to see whether it is there, does not count.
            constexpr int flood = 1'000;
            const std::string question = question_about(about, octets);
            double out = 0;
            for (int i = 0; i < flood; ++i) {
                out += static_cast<double>(node.ask(question));
            }
            worst = std::max(worst, out / (flood * static_cast<double>(question.size() + headers)));
        }
    }
    return worst;
}

}  // namespace bench
