// Any octets as datagrams: the decoder by itself, and a node that has work under way.

#include "dht/core/decoder.hpp"
#include "dht/core/encoder.hpp"
#include "dht/core/node.hpp"

#include <boost/assert.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>

namespace {

using namespace std::chrono_literals;

// The same for each input: a finding is replayed by its input alone.
class counting_random final : public dht::random_source
{
public:
    void fill(std::span<std::uint8_t> octets) override
    {
        for (std::uint8_t& octet : octets) {
            octet = ++last_;
        }
    }

private:
    std::uint8_t last_ = 0;
};

constexpr std::size_t padded = 260;

// What was read must be written in a form that reads the same. False if it is no message.
bool check_decoder(std::span<const std::byte> input)
{
    const dht::result<dht::message> first = dht::decode(input);
    if (!first) {
        return false;
    }
    const std::string text = dht::encode(*first, padded);
    const dht::result<dht::message> second = dht::decode(std::as_bytes(std::span{text}));
    BOOST_ASSERT(second.has_value() || text.size() > input.size());
    BOOST_ASSERT(!second || second->body.index() == first->body.index());
    BOOST_ASSERT(!second || second->transaction == first->transaction);
    return true;
}

dht::endpoint peer(std::uint32_t number)
{
    return {boost::asio::ip::address_v4{0x0a000000U + number}, 4128};
}

// The answer that the node waits for, with the transaction it has chosen put into the input: else
// no input would ever match one.
std::string with_transaction(std::span<const std::byte> input, const std::string& transaction)
{
    std::string text{reinterpret_cast<const char*>(input.data()), input.size()};
    const std::size_t place = text.find("1:t4:");
    if (place != std::string::npos && place + 5 + transaction.size() <= text.size()) {
        text.replace(place + 5, transaction.size(), transaction);
    }
    return text;
}

void check_node(std::span<const std::byte> input)
{
    counting_random random;
    dht::config settings;
    settings.plain_krpc = input.size() % 2 == 0;
    dht::time_point now{1h};
    dht::node node{peer(1), std::nullopt, settings, random, now};
    node.join({peer(2)}, {}, now);
    const dht::node_id key = dht::sha1("key");
    node.get(key, 500ms, now);
    node.announce(key, {}, 60s, now);
    node.handle_datagram(peer(3), input, now);
    for (int step = 0; step < 20; ++step) {
        while (auto output = node.poll_output()) {
            const auto* sent = std::get_if<dht::send_datagram>(&*output);
            if (sent == nullptr) {
                continue;
            }
            const auto asked = dht::decode(std::as_bytes(std::span{sent->octets}));
            BOOST_ASSERT(asked.has_value());
            if (step < 3 && std::holds_alternative<dht::query>(asked->body)) {
                const std::string answer = with_transaction(input, asked->transaction);
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
    if (check_decoder(input)) {
        check_node(input);
    }
    return 0;
}
