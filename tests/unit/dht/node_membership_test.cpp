#include "dht/core/decoder.hpp"
#include "dht/core/encoder.hpp"
#include "dht/core/node.hpp"
#include "tests/sim/world/world.hpp"
#include "tests/unit/dht/one_node.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
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

// Else whoever forges a source would have us send there, besides the answers, a ping for each.
TEST_F(NodeMembershipTest, AStrangerIsPingedOnceInAWhileHoweverOftenItAsks)
{
    std::size_t pings = 0;
    for (int i = 0; i < 1'000; ++i) {
        now += 10ms;
        self.handle_timeout(now);
        receive_query(number(2), ping_query{});
        while (const auto sent = next_sent()) {
            pings += std::holds_alternative<query>(sent->body) ? 1 : 0;
        }
    }
    EXPECT_GE(pings, 2U);
    EXPECT_LE(pings, 30U) << "one a second, and each once more because nobody answered";
}

// Else one answer could take the neighbours of a key out of our table.
TEST_F(NodeMembershipTest, NobodySpeaksForTheReachabilityOfAnother)
{
    befriend(number(2));
    self.get(sha1("something"), 10s, now);
    const auto question = next_sent();
    ASSERT_TRUE(question);
    befriend(number(3));
    response reply = answer_of(number(3));
    reply.sloppy->read_only = true;
    answer(number(2), *question, reply);
    EXPECT_EQ(self.snapshot().contacts, 2U);

    receive_query(number(2), ping_query{});
    self.get(sha1("another"), 10s, now);
    while (const auto sent = next_sent()) {
        if (std::holds_alternative<query>(sent->body)) {
            reply.sender = id_of(sent_to);
            reply.sloppy->read_only = sent_to == number(2);
            answer(sent_to, *sent, reply);
        }
    }
    EXPECT_EQ(self.snapshot().contacts, 1U) << "but for its own it does";
}

// The seeds tell of the network that an island does not know; they are seldom the closest.
TEST_F(NodeMembershipTest, WhoHasContactsJoinsThroughItsSeedsAllTheSame)
{
    endpoint seed = number(2);
    while (common_prefix(self.id(), id_of(seed)) > 0) {
        ++seed.port;
    }
    self.join({seed}, {}, now);
    const auto question = next_sent();
    ASSERT_TRUE(question);
    answer(seed, *question, answer_of(seed));
    for (std::uint32_t i = 100; i < 200; ++i) {
        receive_query(number(i), ping_query{});
        while (const auto sent = next_sent()) {
            if (std::holds_alternative<query>(sent->body)) {
                answer(number(i), *sent, answer_of(number(i)));
            }
        }
    }
    const time_point end = now + 1'000s;
    bool is_asked = false;
    while (now < end) {
        now = std::max(now, *self.next_timeout());
        self.handle_timeout(now);
        while (const auto sent = next_sent()) {
            const auto* const asked = std::get_if<query>(&sent->body);
            const auto* const find =
                asked != nullptr ? std::get_if<find_node_query>(&asked->method) : nullptr;
            is_asked =
                is_asked || (sent_to == seed && find != nullptr && find->target == self.id());
            if (asked != nullptr) {
                answer(sent_to, *sent, answer_of(sent_to));
            }
        }
    }
    EXPECT_TRUE(is_asked);
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

TEST_F(NodeMembershipTest, PassesAProbeOnAndSparesThirdsAFlood)
{
    // What the node sends with a request of reachability in it; whether it says that it did so.
    bool passed_on = false;
    const auto sent_for = [&](const reach_request& what) {
        receive_query(number(2), ping_query{what});
        std::optional<reach_request> sent;
        endpoint whom;
        while (const auto next = next_sent()) {
            if (const auto* const reply = std::get_if<response>(&next->body)) {
                passed_on = reply->sloppy->passed_on;
            } else if (const auto* const ping =
                           std::get_if<ping_query>(&std::get<query>(next->body).method);
                       ping != nullptr && ping->reach) {
                sent = ping->reach;
                whom = sent_to;
            }
        }
        sent_to = whom;
        return sent;
    };
    befriend(number(2));
    EXPECT_FALSE(sent_for({}) || passed_on) << "there is nobody else";
    befriend(number(3));
    const auto passed = sent_for({});
    ASSERT_TRUE(passed && passed_on);
    EXPECT_TRUE(passed->what == reach_request::step::pass_on);
    EXPECT_TRUE(sent_to == number(3) && passed->whom == number(2));
    EXPECT_FALSE(sent_for({}) || passed_on) << "at once again";
    now += 250ms;
    const reach_request other{reach_request::step::pass_on, number(77)};
    const auto probe = sent_for(other);
    ASSERT_TRUE(probe);
    EXPECT_TRUE(sent_to == number(77) && probe->what == reach_request::step::probe);
    EXPECT_FALSE(sent_for(other));
}

TEST_F(NodeMembershipTest, ANeighbourBehindOurGatewayDoesNotProveThatOthersReachUs)
{
    node seen{number(1),
        endpoint{boost::asio::ip::make_address("203.0.113.1"), 4128},
        config{},
        random,
        now};
    const auto asks = [&](const endpoint& from) {
        message what;
        what.transaction = "test";
        auto& asked = what.body.emplace<query>();
        asked.sender = id_of(from);
        asked.network = tag_of("atoll");
        const std::string text = encode(what, padded);
        seen.handle_datagram(from, std::as_bytes(std::span{text}), now);
    };
    asks(number(2));
    EXPECT_TRUE(seen.snapshot().reached == reach::unknown);
    asks({boost::asio::ip::make_address("198.51.100.1"), 4128});
    EXPECT_TRUE(seen.snapshot().reached == reach::open);
}

// In a network that is too large for everybody to know everybody.
TEST(NodeReachabilityTest, BehindAGatewayANodeOnlyAsksAndInTheOpenNobodyDoes)
{
    constexpr std::size_t count = 160;
    sim::world reef{1};
    for (std::size_t i = 0; i < count; ++i) {
        reef.add_node(i == 0 ? std::vector<std::size_t>{} : std::vector<std::size_t>{0});
        if (i == count - 1) {
            reef.put_behind_nat(i);
        }
        reef.run_for(100ms);
    }
    const std::size_t hidden = count - 1;
    const node_id key = sha1("key");
    reef.run_for(20s);
    EXPECT_FALSE(reef.at(hidden).is_read_only()) << "not before it is proved";
    reef.run_for(10min);
    EXPECT_TRUE(reef.at(hidden).is_read_only());
    std::size_t open = 0;
    for (std::size_t i = 0; i < count; ++i) {
        EXPECT_EQ(reef.at(i).is_read_only(), i == hidden) << i;
        open += reef.at(i).snapshot().reached == reach::open ? 1 : 0;
    }
    EXPECT_GE(open, count - 5) << "of whom others know";
    reef.announce(hidden, key, 3'600s);
    reef.announce(7, sha1("other"), 3'600s);
    reef.run_for(10s);
    EXPECT_TRUE(reef.get(3, key).pointers.empty()) << "nobody could fetch from it";
    EXPECT_EQ(reef.get(hidden, sha1("other")).pointers.size(), 1U) << "it reads as others do";
    EXPECT_TRUE(reef.claim(hidden, sha1("absent")).outcome == claim_outcome::nobody_grants);
    const contact itself = contact_at(reef.where(hidden));
    reef.run_for(30min);
    for (std::size_t i = 0; i < hidden; ++i) {
        const auto nearest = reef.at(i).nodes(0, 1, itself.id);
        EXPECT_TRUE(nearest.empty() || nearest[0].id != itself.id) << i << " would name it";
    }
}

}  // namespace
}  // namespace dht
