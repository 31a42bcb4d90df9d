// Any octets as datagrams to a node that has work under way: answers, claims, and what nobody asked
// for.

#include "dht/core/decoder.hpp"
#include "dht/core/encoder.hpp"
#include "dht/core/node.hpp"
#include "tests/fuzz/counting_random.hpp"

#include <boost/assert.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace {

using namespace std::chrono_literals;

constexpr std::size_t padded = 260;

dht::endpoint peer(std::uint32_t number)
{
    return {boost::asio::ip::address_v4{0x0a000000U + number}, 4128};
}

// The input with what the node has chosen behind a mark: no input would ever match it else.
std::string with(std::span<const std::byte> input, std::string_view mark, const std::string& chosen)
{
    std::string text{reinterpret_cast<const char*>(input.data()), input.size()};
    const std::size_t place = text.find(mark);
    if (place != std::string::npos && place + mark.size() + chosen.size() <= text.size()) {
        text.replace(place + mark.size(), chosen.size(), chosen);
    }
    return text;
}

// A token for this key, as the node gives one to anybody who asks.
std::string token_of(
    dht::node& node, const dht::endpoint& asker, const dht::node_id& key, dht::time_point now)
{
    dht::message what;
    what.transaction = "test";
    auto& asked = what.body.emplace<dht::query>();
    asked.sender = dht::id_of(asker);
    asked.network = dht::tag_of("atoll");
    asked.read_only = true;
    asked.method = dht::get_peers_query{key, std::nullopt};
    const std::string text = dht::encode(what, padded);
    while (node.poll_output()) {
    }
    node.handle_datagram(asker, std::as_bytes(std::span{text}), now);
    const auto sent = node.poll_output();
    const std::string& octets = std::get<dht::send_datagram>(*sent).octets;
    return std::get<dht::response>(dht::decode(std::as_bytes(std::span{octets}))->body).token;
}

// The same claim, report, renewal or end of a lease, with a token: by two askers and again.
void check_leases(dht::node& node, std::span<const std::byte> input, dht::time_point now)
{
    const dht::node_id key = dht::sha1("key");
    for (const std::uint32_t asker : {3U, 4U, 3U}) {
        const std::string token = token_of(node, peer(asker), key, now);
        const std::string text = with(input, "5:token8:", token);
        node.handle_datagram(peer(asker), std::as_bytes(std::span{text}), now);
        node.check_invariant();
    }
}

void check_node(std::span<const std::byte> input)
{
    counting_random random;
    dht::config settings;
    settings.plain_krpc = input.size() % 2 == 0;
    dht::time_point now{1h};
    dht::node node{peer(1), std::nullopt, settings, random, now};
    check_leases(node, input, now);
    node.join({peer(2)}, {}, now);
    const dht::node_id key = dht::sha1("key");
    node.get(key, 500ms, now);
    node.announce(key, {}, 60s, now);
    node.handle_datagram(peer(3), input, now);
    for (int step = 0; step < 20; ++step) {
        if (step == 1) {
            // Where the input is an answer, somebody is known by now.
            node.claim(key, 1s, now);
            node.claim_lost(dht::sha1("other"), 3, 1s, now);
        }
        while (auto output = node.poll_output()) {
            const auto* sent = std::get_if<dht::send_datagram>(&*output);
            if (sent == nullptr) {
                continue;
            }
            const auto asked = dht::decode(std::as_bytes(std::span{sent->octets}));
            BOOST_ASSERT(asked.has_value());
            if (step < 5 && std::holds_alternative<dht::query>(asked->body)) {
                const std::string answer = with(input, "1:t4:", asked->transaction);
                node.handle_datagram(sent->to, std::as_bytes(std::span{answer}), now);
            }
        }
        node.check_invariant();
        const auto next = node.next_timeout();
        if (!next) {
            return;
        }
        now = std::max(now, *next);
        node.handle_timeout(now);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::span<const std::byte> input = std::as_bytes(std::span{data, size});
    // A node does nothing with what is no message but count it, so its time is better spent.
    if (dht::decode(input)) {
        check_node(input);
    }
    return 0;
}
