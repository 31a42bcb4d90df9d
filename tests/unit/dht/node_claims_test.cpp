// Claims of one node, datagram by datagram; the test plays the others.

#include "dht/core/decoder.hpp"
#include "dht/core/encoder.hpp"
#include "dht/core/node.hpp"
#include "tests/sim/world/seeded_random.hpp"
#include "tests/unit/dht/one_node.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace dht {
namespace {

using namespace std::chrono_literals;

const node_id key = id_of(number(2));  // so that 10.0.0.2 is closest to it

// The node knows one other, 10.0.0.2, whose answers the test makes; all other nodes are silent.
class NodeClaimsTest : public ::testing::Test
{
protected:
    using answer_maker = std::function<response(const query&)>;

    void SetUp() override
    {
        self.join({number(2)}, {}, now);
        run_for(2s, plain);
        ASSERT_EQ(self.contacts().size(), 1U);
    }

    static response plain(const query&)
    {
        response reply;
        reply.sender = id_of(number(2));
        reply.token = "8octets!";
        reply.sloppy.emplace();
        return reply;
    }

    // Grants every claim and renews every lease, all under number 7.
    static response generous(const query& asked)
    {
        response reply = plain(asked);
        const auto* get = std::get_if<get_peers_query>(&asked.method);
        const auto* put = std::get_if<announce_query>(&asked.method);
        if ((get != nullptr && get->claim) || (put != nullptr && put->put->lease == 7)) {
            reply.sloppy->lease = lease_answer{true, {}, 10s, 7};
        }
        return reply;
    }

    void deliver(const endpoint& from, const message& what)
    {
        const std::string text = encode(what, padded);
        self.handle_datagram(from, std::as_bytes(std::span{text}), now);
    }

    void handle_outputs(const answer_maker& answer)
    {
        while (auto next = self.poll_output()) {
            if (auto* claim = std::get_if<claim_done>(&*next)) {
                done = std::move(claim->result);
            }
            lost += std::holds_alternative<lease_lost>(*next) ? 1 : 0;
            const auto* datagram = std::get_if<send_datagram>(&*next);
            if (datagram == nullptr) {
                continue;
            }
            const auto sent = decode(std::as_bytes(std::span{datagram->octets}));
            ASSERT_TRUE(sent);
            const auto* asked = std::get_if<query>(&sent->body);
            if (asked == nullptr) {
                continue;
            }
            sent_to[datagram->to].push_back(*asked);
            if (datagram->to == number(2) && answer) {
                deliver(number(2), message{sent->transaction, answer(*asked)});
            }
        }
    }

    void run_for(duration span, const answer_maker& answer)
    {
        const time_point end = now + span;
        handle_outputs(answer);
        for (auto next = self.next_timeout(); next && *next <= end; next = self.next_timeout()) {
            now = std::max(now, *next);
            self.handle_timeout(now);
            handle_outputs(answer);
        }
        now = end;
    }

    // Leads under number 7, granted by 10.0.0.2.
    void lead()
    {
        self.claim(key, 1s, now);
        run_for(100ms, generous);
        ASSERT_TRUE(done && done->outcome == claim_outcome::leads);
    }

    std::vector<announce_query> announces() const
    {
        std::vector<announce_query> out;
        for (const query& asked : sent_to.at(number(2))) {
            if (const auto* put = std::get_if<announce_query>(&asked.method)) {
                out.push_back(*put);
            }
        }
        return out;
    }

    sim::seeded_random random{1};
    time_point now{1h};
    std::map<endpoint, std::vector<query>> sent_to;
    std::optional<claim_result> done;
    std::size_t lost = 0;
    node self{number(1), std::nullopt, quiet(), random, now};
};

TEST_F(NodeClaimsTest, ALeaderRenewsEveryThreeSecondsWithItsProgressAndTheLastToken)
{
    lead();
    EXPECT_TRUE(self.renew(key, 7, {5'000, 9, 42}));
    EXPECT_FALSE(self.renew(key, 6, {}));
    const auto with_new_token = [](const query& asked) {
        response reply = generous(asked);
        reply.token = "another!";
        return reply;
    };
    run_for(7s, with_new_token);
    const std::vector<announce_query> renewals = announces();
    ASSERT_EQ(renewals.size(), 2U);
    EXPECT_EQ(renewals[0].token, "8octets!");
    EXPECT_EQ(renewals[1].token, "another!");
    for (const announce_query& renewal : renewals) {
        EXPECT_EQ(renewal.put->state, pointer_state::in_flight);
        EXPECT_EQ(renewal.put->lease, 7U);
        EXPECT_EQ(renewal.put->received_octets, 5'000U);
        EXPECT_EQ(renewal.put->load, 9);
        EXPECT_EQ(renewal.put->version_tag, 42U);
    }
    EXPECT_EQ(lost, 0U);
}

TEST_F(NodeClaimsTest, ARefusedRenewalEndsTheLeaseHere)
{
    lead();
    run_for(4s, plain);
    EXPECT_EQ(lost, 1U);
    EXPECT_FALSE(self.renew(key, 7, {}));
    EXPECT_EQ(self.snapshot().leases_lost, 1U);
    const std::size_t before = announces().size();
    run_for(20s, plain);
    EXPECT_EQ(announces().size(), before) << "it is not renewed any more";
    EXPECT_EQ(lost, 1U);
}

TEST_F(NodeClaimsTest, ALeaseWhoseGrantorIsSilentIsLostWhenItsLifeEnds)
{
    lead();
    run_for(8s, nullptr);
    EXPECT_EQ(lost, 0U) << "two renewals may be lost";
    run_for(5s, nullptr);
    EXPECT_EQ(lost, 1U);
}

TEST_F(NodeClaimsTest, CompletionEndsTheLeaseAndAnnouncesThePointer)
{
    lead();
    self.complete(key, 7, {}, 600s, now);
    run_for(1s, generous);
    const std::vector<announce_query> sent = announces();
    ASSERT_GE(sent.size(), 2U);
    EXPECT_EQ(sent[0].put->state, pointer_state::complete);
    EXPECT_EQ(sent[0].put->lease, 7U);
    EXPECT_EQ(sent[0].put->life, 600s);
    EXPECT_EQ(sent[1].put->lease, 0U);
    EXPECT_EQ(self.snapshot().announcements, 1U);
    EXPECT_EQ(self.snapshot().leases_held, 0U);
    run_for(10s, generous);
    EXPECT_EQ(lost, 0U);
}

TEST_F(NodeClaimsTest, AtTheEndOfTheNodeItsLeasesAreGivenBack)
{
    lead();
    self.withdraw_all(10, now);
    run_for(1s, generous);
    ASSERT_EQ(announces().size(), 1U);
    EXPECT_FALSE(announces()[0].put->state);
    EXPECT_EQ(announces()[0].put->lease, 7U);
}

TEST_F(NodeClaimsTest, AGrantToACancelledClaimIsGivenBack)
{
    const operation_id operation = self.claim(key, 1s, now);
    const auto cancelling = [&](const query& asked) {
        const auto* get = std::get_if<get_peers_query>(&asked.method);
        if (get != nullptr && get->claim) {
            self.cancel(operation);
        }
        return generous(asked);
    };
    run_for(1s, cancelling);
    EXPECT_FALSE(done);
    ASSERT_EQ(announces().size(), 1U);
    EXPECT_FALSE(announces()[0].put->state) << "withdrawn";
    EXPECT_EQ(announces()[0].put->lease, 7U);
    EXPECT_EQ(self.snapshot().leases_held, 0U);
}

// Whoever is asked says that 10.0.0.9 leads, where nobody is.
TEST_F(NodeClaimsTest, ALiarHoldsAClaimUpForItsBudgetAtMost)
{
    const auto lying = [](const query& asked) {
        response reply = plain(asked);
        reply.sloppy->lease = lease_answer{false, number(9), 10s, 3};
        return reply;
    };
    self.claim(key, 1s, now);
    run_for(100ms, lying);
    ASSERT_TRUE(done);
    EXPECT_EQ(done->outcome, claim_outcome::found);
    EXPECT_EQ(done->pointers[0].peer, number(9));
    // It is silent; so says this node, and is told the same again and again.
    done.reset();
    self.claim_lost(key, 3, 1s, now);
    run_for(999ms, lying);
    EXPECT_FALSE(done);
    run_for(1ms, lying);
    ASSERT_TRUE(done);
    EXPECT_EQ(done->outcome, claim_outcome::nobody_grants);
    EXPECT_TRUE(done->timed_out);
    const auto& asked = sent_to.at(number(2));
    const auto reports = std::count_if(asked.begin(), asked.end(), [](const query& one) {
        const auto* get = std::get_if<get_peers_query>(&one.method);
        return get != nullptr && get->claim && get->claim->silent == 3;
    });
    EXPECT_EQ(reports, 4) << "one each 250 ms";
}

TEST_F(NodeClaimsTest, ASilentHolderThatIsReportedIsPingedTwiceInItsDeadline)
{
    const auto ask_as = [&](std::uint32_t who, lease_number silent, const std::string& token) {
        get_peers_query asking{key, {}};
        asking.claim = claim_terms{10s, token, silent};
        message what;
        what.transaction = "test";
        auto& asked = what.body.emplace<query>();
        asked.sender = sha1("of no address");  // not pinged for the table
        asked.network = tag_of("atoll");
        asked.method = asking;
        deliver(number(who), what);
        const auto reply = self.poll_output();
        const auto& datagram = std::get<send_datagram>(*reply);
        return std::get<response>(decode(std::as_bytes(std::span{datagram.octets}))->body);
    };
    const std::string of_holder = ask_as(9, 0, "").token;
    const std::string of_asker = ask_as(8, 0, "").token;
    const lease_number held = ask_as(9, 0, of_holder).sloppy->lease->number;
    EXPECT_EQ(ask_as(8, held, of_asker).sloppy->lease->holder, number(9));
    run_for(199ms, nullptr);
    EXPECT_EQ(sent_to[number(9)].size(), 2U);
    EXPECT_EQ(ask_as(8, 0, of_asker).sloppy->lease->number, held) << "it may still answer";
    run_for(1ms, nullptr);
    EXPECT_EQ(self.snapshot().leases_taken, 1U);
    EXPECT_TRUE(self.stored(key, now).empty());
    const response next = ask_as(8, held, of_asker);
    ASSERT_TRUE(next.sloppy->lease);
    EXPECT_TRUE(next.sloppy->lease->granted);
    EXPECT_GT(next.sloppy->lease->number, held);
}

TEST_F(NodeClaimsTest, WithoutAnAddressOrRoomNobodyGrants)
{
    config settings;
    settings.leases_held = 0;
    node full{number(1), std::nullopt, settings, random, now};
    const endpoint anywhere{boost::asio::ip::address_v4::any(), 4128};
    node homeless{anywhere, std::nullopt, config{}, random, now};
    for (node* const it : {&full, &homeless}) {
        it->claim(key, 1s, now);
        const auto output = it->poll_output();
        ASSERT_TRUE(output);
        EXPECT_EQ(std::get<claim_done>(*output).result.outcome, claim_outcome::nobody_grants);
        EXPECT_FALSE(it->poll_output());
        EXPECT_EQ(it->snapshot().refused_operations, 1U);
        it->check_invariant();
    }
}

}  // namespace
}  // namespace dht
