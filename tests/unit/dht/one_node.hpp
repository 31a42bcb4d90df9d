// One node; the test plays all others.

#pragma once

#include "dht/core/decoder.hpp"
#include "dht/core/encoder.hpp"
#include "dht/core/node.hpp"
#include "tests/sim/world/seeded_random.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>

namespace dht {

using namespace std::chrono_literals;

constexpr std::size_t padded = 260;
inline endpoint number(std::uint32_t which)
{
    return {boost::asio::ip::address_v4{0x0a000000U + which}, 4128};
}

// Without what a node says of itself unasked.
inline config quiet()
{
    config settings;
    settings.prefix_hints = false;
    return settings;
}

// One node; the test plays all others, step by step.
class OneNodeTest : public ::testing::Test
{
protected:
    // The next datagram that the node sends, as a message; nothing if it sends none. What ended
    // meanwhile is kept.
    std::optional<message> next_sent()
    {
        while (auto next = self.poll_output()) {
            if (auto* done = std::get_if<get_done>(&*next)) {
                ended = std::move(*done);
            } else if (const auto* datagram = std::get_if<send_datagram>(&*next)) {
                sent_to = datagram->to;
                const auto decoded = decode(std::as_bytes(std::span{datagram->octets}));
                EXPECT_TRUE(decoded);
                return *decoded;
            }
        }
        return std::nullopt;
    }

    void receive(const endpoint& from, const message& what)
    {
        const std::string text = encode(what, padded);
        self.handle_datagram(from, std::as_bytes(std::span{text}), now);
    }

    void receive_query(const endpoint& from, query_method method, const char* network = "atoll")
    {
        message what;
        what.transaction = "test";
        auto& asked = what.body.emplace<query>();
        asked.sender = id_of(from);
        asked.network = tag_of(network);
        asked.method = std::move(method);
        receive(from, what);
    }

    response answer_of(const endpoint& from)
    {
        response reply;
        reply.sender = id_of(from);
        reply.token = "8octets!";
        reply.sloppy.emplace();
        return reply;
    }

    void answer(const endpoint& from, const message& question, response reply)
    {
        message what;
        what.transaction = question.transaction;
        what.body = std::move(reply);
        receive(from, what);
    }

    // Makes somebody a contact: it asks, the node pings it back, it answers.
    void befriend(const endpoint& who)
    {
        receive_query(who, ping_query{});
        next_sent();
        const auto ping = next_sent();
        ASSERT_TRUE(ping);
        answer(who, *ping, answer_of(who));
    }

    sim::seeded_random random{1};
    time_point now{1h};
    endpoint sent_to;
    std::optional<get_done> ended;  // the latest
    node self{number(1), std::nullopt, quiet(), random, now};
};

}  // namespace dht
