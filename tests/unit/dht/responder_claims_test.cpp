// The leases that a node grants, as it answers.

#include "dht/core/encoder.hpp"
#include "dht/core/responder.hpp"
#include "tests/unit/dht/responder_fixture.hpp"

#include <gtest/gtest.h>

#include <string>
#include <variant>

namespace dht {
namespace {

TEST_F(ResponderTest, OfTwoClaimsTheFirstLeadsAndTheSecondIsSentToIt)
{
    const response first = claim(201);
    ASSERT_TRUE(first.sloppy->lease && first.sloppy->lease->granted);
    const response second = claim(202);
    ASSERT_TRUE(second.sloppy->lease);
    EXPECT_FALSE(second.sloppy->lease->granted);
    EXPECT_EQ(second.sloppy->lease->holder, number(201));
    EXPECT_EQ(second.sloppy->lease->number, first.sloppy->lease->number);
    ASSERT_EQ(second.values.size(), 1U);
    EXPECT_EQ(second.values[0].peer, number(201));
    EXPECT_EQ(second.values[0].state, pointer_state::in_flight);
    EXPECT_LE(second.values[0].life, 10s);
    // A claim that was sent twice is answered twice.
    EXPECT_EQ(claim(201).sloppy->lease->number, first.sloppy->lease->number);
    // A plain get hears of the leader, and under which number to report him.
    const response got = reply(get_peers_query{key, {}}, 203);
    EXPECT_EQ(got.values, second.values);
    EXPECT_EQ(got.sloppy->lease->number, first.sloppy->lease->number);
    EXPECT_TRUE(reply(get_peers_query{key, {}}, 204, padded, start + 10s).values.empty());
}

TEST_F(ResponderTest, AForgedSourceReservesNothing)
{
    get_peers_query asking{key, {}};
    const std::string of_another = reply(get_peers_query{key, {}}, 202).token;
    const std::string of_another_key = reply(get_peers_query{sha1("other"), {}}, 201).token;
    for (const std::string& token : {std::string{}, of_another, of_another_key}) {
        asking.claim = claim_terms{10s, token, 0};
        EXPECT_FALSE(reply(asking, 201).sloppy->lease);
    }
    EXPECT_EQ(leases.size(), 0U);
    EXPECT_EQ(values.size(), 0U);
    // An envelope that opened is proof enough.
    query asked;
    asked.network = tag_of("atoll");
    asked.method = asking;
    const endpoint source = number(201);
    const auto out = std::get<response>(respond({asked, source, padded, true}, start));
    EXPECT_TRUE(out.sloppy->lease && out.sloppy->lease->granted);
}

TEST_F(ResponderTest, WhereThereAreValuesNothingIsGranted)
{
    put(201, 3'600s);
    const response out = claim(202);
    EXPECT_FALSE(out.sloppy->lease);
    EXPECT_EQ(out.values.size(), 1U);
    // The pointer of who asks is old: it would not ask.
    EXPECT_TRUE(claim(201).sloppy->lease->granted);
}

TEST_F(ResponderTest, ARenewalExtendsTheLeaseAndItsPointer)
{
    const lease_number held = claim(201).sloppy->lease->number;
    put_terms terms = terms_of(held, pointer_state::in_flight);
    terms.load = 9;
    terms.version_tag = 42;
    const response renewed = change(201, terms, start + 9s);
    EXPECT_TRUE(renewed.sloppy->lease->granted);
    EXPECT_FALSE(renewed.token.empty()) << "fetches may take longer than tokens live";
    const response later = claim(202, start + 18s);
    EXPECT_EQ(later.sloppy->lease->number, held);
    ASSERT_EQ(later.values.size(), 1U);
    EXPECT_EQ(later.values[0].version_tag, 42U);
    EXPECT_EQ(later.values[0].load, 9);
    EXPECT_LE(later.values[0].life, 1s) << "no longer than the lease, whatever was asked for";
}

TEST_F(ResponderTest, AnOldNumberChangesNothing)
{
    const lease_number first = claim(201).sloppy->lease->number;
    ASSERT_FALSE(leases.holder_was_silent({key, number(201), first})) << "nobody reported him";
    claim(202, start, first);
    ASSERT_TRUE(leases.holder_was_silent(*leases.next_check()));
    values.withdraw(key, number(201));
    const lease_number second = claim(202).sloppy->lease->number;
    EXPECT_GT(second, first);
    for (const auto state : {std::optional{pointer_state::in_flight},
             std::optional{pointer_state::complete},
             std::optional{pointer_state::not_shareable},
             std::optional<pointer_state>{}}) {
        const response refused = change(201, terms_of(first, state));
        EXPECT_FALSE(refused.sloppy->lease->granted);
        EXPECT_EQ(refused.sloppy->lease->holder, number(202));
        ASSERT_EQ(values.values(key, start).size(), 1U);
        EXPECT_EQ(values.values(key, start)[0].peer, number(202));
    }
}

TEST_F(ResponderTest, EachEndOfALeaseLeavesWhatIsToBeKnown)
{
    const struct
    {
        std::optional<pointer_state> state;
        std::size_t values;
        std::chrono::seconds life;
        bool next_leads;
    } cases[] = {
        {pointer_state::complete, 1, 3'600s, false},
        {pointer_state::not_shareable, 1, 60s, false},
        {std::nullopt, 0, 0s, true},
    };
    time_point now = start;
    for (const auto& each : cases) {
        now += 2h;
        const lease_number held = claim(201, now).sloppy->lease->number;
        change(201, terms_of(held, each.state), now);
        EXPECT_FALSE(leases.find(key, number(201), now));
        const response next = claim(202, now);
        EXPECT_EQ(next.sloppy->lease.has_value(), each.next_leads);
        if (each.values > 0) {
            ASSERT_EQ(next.values.size(), each.values);
            EXPECT_EQ(next.values[0].state, each.state);
            EXPECT_EQ(next.values[0].life, each.life);
        }
    }
}

TEST_F(ResponderTest, WhoMustNotShareLeadsNobodyAgainForAMinute)
{
    const lease_number held = claim(201).sloppy->lease->number;
    change(201, terms_of(held, pointer_state::not_shareable));
    EXPECT_FALSE(claim(201, start + 59s).sloppy->lease) << "not even who said so";
    EXPECT_TRUE(claim(201, start + 60s).sloppy->lease);
}

TEST_F(ResponderTest, AnAnswerThatNamesALeaderStaysBelowOneAndAHalfTimesTheQuestion)
{
    claim(201);
    for (std::uint32_t i = 0; i < 3; ++i) {
        put(202 + i, 3'600s);
    }
    message what;
    what.transaction = "abcd";
    what.body = claim(210);
    ASSERT_EQ(std::get<response>(what.body).values.size(), 4U);
    constexpr std::size_t headers = 28;  // IPv4 and UDP
    EXPECT_LE(encode(what, padded).size() + headers, (padded + headers) * 3 / 2);
}

}  // namespace
}  // namespace dht
