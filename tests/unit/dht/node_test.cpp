#include "dht/core/node.hpp"

#include "dht/core/decoder.hpp"
#include "dht/core/encoder.hpp"
#include "tests/sim/world/seeded_random.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace dht {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t padded = 260;
const node_id key = sha1("key");

endpoint number(std::uint32_t which)
{
    return {boost::asio::ip::address_v4{0x0a000000U + which}, 4128};
}

// One node; the test plays all others, step by step.
class NodeTest : public ::testing::Test
{
protected:
    // The next datagram that the node sends, as a message; nothing if it sends none.
    std::optional<message> next_sent()
    {
        while (auto next = self.poll_output()) {
            if (const auto* datagram = std::get_if<send_datagram>(&*next)) {
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
    node self{number(1), std::nullopt, config{}, random, now};
};

TEST_F(NodeTest, AnswersAPingAndPingsTheStrangerBack)
{
    receive_query(number(2), ping_query{});
    const auto reply = next_sent();
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->transaction, "test");
    EXPECT_EQ(std::get<response>(reply->body).sender, id_of(number(1)));
    EXPECT_EQ(std::get<response>(reply->body).reported, number(2));
    const auto ping = next_sent();
    ASSERT_TRUE(ping);
    EXPECT_EQ(sent_to, number(2));
    EXPECT_TRUE(self.contacts().empty()) << "asking is no proof of being reachable";
    answer(number(2), *ping, answer_of(number(2)));
    EXPECT_EQ(self.contacts().size(), 1U);
    self.check_invariant();
}

TEST_F(NodeTest, AContactWhoseIdDoesNotFitItsAddressIsNotAdmitted)
{
    message what;
    what.transaction = "test";
    auto& asked = what.body.emplace<query>();
    asked.sender = sha1("chosen");
    asked.network = tag_of("atoll");
    receive(number(2), what);
    EXPECT_TRUE(next_sent());
    EXPECT_FALSE(next_sent()) << "no ping back";
}

TEST_F(NodeTest, AnswersAnotherNetworkWithAnErrorAndRemembersNobody)
{
    receive_query(number(2), get_peers_query{key, {}}, "other");
    const auto reply = next_sent();
    ASSERT_TRUE(reply);
    EXPECT_EQ(std::get<error_reply>(reply->body).code, 310);
    EXPECT_FALSE(next_sent());
    EXPECT_EQ(self.snapshot().drops(drop_reason::other_network), 1U);
}

TEST_F(NodeTest, PlainKrpcIsAnsweredOnlyWithItsSwitch)
{
    message what;
    what.transaction = "test";
    what.body.emplace<query>().sender = id_of(number(2));
    receive(number(2), what);
    EXPECT_TRUE(std::holds_alternative<error_reply>(next_sent()->body));
    config settings;
    settings.plain_krpc = true;
    node plain{number(1), std::nullopt, settings, random, now};
    const std::string text = encode(what, padded);
    plain.handle_datagram(number(2), std::as_bytes(std::span{text}), now);
    const auto reply = plain.poll_output();
    ASSERT_TRUE(reply);
    const std::string& octets = std::get<send_datagram>(*reply).octets;
    const auto decoded = decode(std::as_bytes(std::span{octets}));
    ASSERT_TRUE(decoded);
    EXPECT_TRUE(std::holds_alternative<response>(decoded->body));
}

TEST_F(NodeTest, SilenceIsTheAnswerToWhatIsNoMessage)
{
    for (const std::string text : {"", "x", "de", "d1:ad2:id3:abce1:q4:ping1:t1:a1:y1:qe"}) {
        self.handle_datagram(number(2), std::as_bytes(std::span{text}), now);
    }
    EXPECT_FALSE(next_sent());
    EXPECT_EQ(self.snapshot().drops(drop_reason::malformed), 4U);
}

TEST_F(NodeTest, AnAnswerNobodyAskedForIsDropped)
{
    message what;
    what.transaction = "abcd";
    what.body = answer_of(number(2));
    receive(number(2), what);
    EXPECT_EQ(self.snapshot().drops(drop_reason::unmatched), 1U);
    EXPECT_TRUE(self.contacts().empty());
}

TEST_F(NodeTest, JoinsThroughItsSeedAndAsksWhomItNames)
{
    self.join({number(2)}, {}, now);
    const auto question = next_sent();
    ASSERT_TRUE(question);
    EXPECT_EQ(sent_to, number(2));
    EXPECT_EQ(std::get<find_node_query>(std::get<query>(question->body).method).target, self.id());
    response reply = answer_of(number(2));
    contact liar = contact_at(number(9));
    liar.id = sha1("chosen");
    reply.nodes = {contact_at(number(3)), contact_at(number(1)), liar};
    answer(number(2), *question, reply);
    ASSERT_TRUE(next_sent());
    EXPECT_EQ(sent_to, number(3));
    EXPECT_FALSE(next_sent()) << "neither itself nor an ID that does not fit";
}

TEST_F(NodeTest, ASilentSeedIsAskedAgainLater)
{
    self.join({number(2)}, {}, now);
    ASSERT_TRUE(next_sent());
    std::size_t asked = 0;
    for (int i = 0; i < 30 && self.next_timeout(); ++i) {
        ASSERT_GT(*self.next_timeout(), now);
        now = *self.next_timeout();
        self.handle_timeout(now);
        while (next_sent()) {
            ++asked;
        }
    }
    EXPECT_GE(asked, 10U);
    EXPECT_GE(now, time_point{1h} + 2min);
}

TEST_F(NodeTest, LearnsItsAddressFromTheFirstAnswerAndJoinsUnderTheNewId)
{
    node wanderer{{boost::asio::ip::address_v4::any(), 4128}, std::nullopt, config{}, random, now};
    EXPECT_FALSE(wanderer.own_endpoint());
    wanderer.join({number(2)}, {}, now);
    const auto asked = wanderer.poll_output();
    ASSERT_TRUE(asked);
    const std::string question = std::get<send_datagram>(*asked).octets;
    const auto decoded = decode(std::as_bytes(std::span{question}));
    response reply = answer_of(number(2));
    reply.reported = number(77);
    message what;
    what.transaction = decoded->transaction;
    what.body = reply;
    const std::string text = encode(what, padded);
    wanderer.handle_datagram(number(2), std::as_bytes(std::span{text}), now);
    EXPECT_EQ(wanderer.own_endpoint(), number(77));
    EXPECT_EQ(wanderer.id(), id_of(number(77)));
    EXPECT_EQ(wanderer.contacts().size(), 1U);
}

TEST_F(NodeTest, TheOtherAddressFamilyIsAnotherNetwork)
{
    receive_query({boost::asio::ip::make_address("2001:db8::1"), 4128}, ping_query{});
    EXPECT_FALSE(next_sent());
}

TEST_F(NodeTest, RemembersGoodContactsBeforeBadOnes)
{
    befriend(number(2));
    befriend(number(3));
    EXPECT_EQ(self.contacts_to_remember().size(), 2U);
    EXPECT_GT(self.next_timeout(), now);
}

}  // namespace
}  // namespace dht
