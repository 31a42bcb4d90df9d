#include "dht/core/decoder.hpp"
#include "dht/core/encoder.hpp"
#include "dht/core/node.hpp"
#include "tests/unit/dht/one_node.hpp"

#include <gtest/gtest.h>

#include <span>
#include <string>
#include <variant>
#include <vector>

namespace dht {
namespace {

using NodeMembershipTest = OneNodeTest;

TEST_F(NodeMembershipTest, JoinsThroughItsSeedAndAsksWhomItNames)
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

TEST_F(NodeMembershipTest, ASilentSeedIsAskedAgainLater)
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

TEST_F(NodeMembershipTest, LearnsItsAddressFromTheFirstAnswerAndJoinsUnderTheNewId)
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

TEST_F(NodeMembershipTest, RemembersGoodContactsBeforeBadOnes)
{
    befriend(number(2));
    befriend(number(3));
    EXPECT_EQ(self.contacts_to_remember().size(), 2U);
    EXPECT_GT(self.next_timeout(), now);
}

TEST_F(NodeMembershipTest, WhomOthersNameAndWhoNeverAnswersIsNotAskedForAWhile)
{
    const endpoint hidden = number(9);
    befriend(number(2));
    // A get whose only contact names the hidden one; whether that is asked then.
    const auto is_hidden_asked = [&](const char* what) {
        self.get(sha1(what), 10s, now);
        const auto question = next_sent();
        EXPECT_TRUE(question && sent_to == number(2));
        response reply = answer_of(number(2));
        reply.nodes = {contact_at(hidden)};
        answer(number(2), *question, reply);
        bool is_asked = false;
        while (next_sent()) {
            is_asked = is_asked || sent_to == hidden;
        }
        return is_asked;
    };
    ASSERT_TRUE(is_hidden_asked("first"));
    now += 2s;
    self.get(sha1("another"), 10s, now);
    const auto question = next_sent();
    ASSERT_TRUE(question);
    answer(number(2), *question, answer_of(number(2)));  // it is not our connection that fails
    self.handle_timeout(now);
    while (next_sent()) {
    }
    EXPECT_FALSE(is_hidden_asked("second"));
    now += 60s;
    self.handle_timeout(now);
    while (next_sent()) {
    }
    EXPECT_TRUE(is_hidden_asked("third"));
}

TEST_F(NodeMembershipTest, TheTableDoesNotAgeWhileNobodyAnswers)
{
    for (const std::uint32_t other : {2U, 3U, 4U, 5U}) {
        befriend(number(other));
    }
    const time_point end = now + 1h;
    while (now < end) {
        now = *self.next_timeout();
        self.handle_timeout(now);
        while (next_sent()) {
        }
    }
    EXPECT_EQ(self.snapshot().contacts, 4U);
    EXPECT_EQ(self.snapshot().good_contacts, 0U);
    befriend(number(3));
    EXPECT_EQ(self.snapshot().good_contacts, 4U) << "the connection is back, not only one node";
}

}  // namespace
}  // namespace dht
