#include "dht/core/node.hpp"

#include "dht/core/decoder.hpp"
#include "dht/core/encoder.hpp"
#include "tests/unit/dht/one_node.hpp"

#include <gtest/gtest.h>

#include <span>
#include <string>
#include <variant>
#include <vector>

namespace dht {
namespace {

using namespace std::chrono_literals;

const node_id key = sha1("key");

using NodeTest = OneNodeTest;

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

TEST_F(NodeTest, TheOtherAddressFamilyIsAnotherNetwork)
{
    receive_query({boost::asio::ip::make_address("2001:db8::1"), 4128}, ping_query{});
    EXPECT_FALSE(next_sent());
}

TEST_F(NodeTest, ACrowdOfGetsDoesNotFloodTheOnlyContact)
{
    befriend(number(2));
    const auto datagrams = [&] {
        std::size_t count = 0;
        while (next_sent()) {
            ++count;
        }
        return count;
    };
    for (int i = 0; i < 600; ++i) {
        self.get(sha1(std::to_string(i)), 10s, now);
    }
    constexpr std::size_t at_once = 499;  // a burst without the ping of befriend()
    constexpr std::size_t in_time = 25;   // at 500 a second within 50 ms
    EXPECT_EQ(datagrams(), at_once);
    EXPECT_EQ(self.snapshot().queries_skipped, 600 - at_once - in_time);
    EXPECT_EQ(self.snapshot().operations, at_once + in_time) << "skipped ones have ended";
    EXPECT_TRUE(self.next_timeout() == now + 2ms);
    now += 50ms;
    self.handle_timeout(now);
    EXPECT_EQ(datagrams(), in_time);
}

TEST_F(NodeTest, WhoIsAskedEnoughIsPassedOverForAnother)
{
    befriend(number(2));
    for (int i = 0; i < 600; ++i) {
        self.get(sha1(std::to_string(i)), 10s, now);
    }
    while (next_sent()) {
    }
    befriend(number(3));
    self.get(key, 10s, now);
    ASSERT_TRUE(next_sent());
    EXPECT_TRUE(sent_to == number(3));
}

}  // namespace
}  // namespace dht
