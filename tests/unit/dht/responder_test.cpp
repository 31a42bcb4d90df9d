#include "dht/core/responder.hpp"

#include "dht/core/encoder.hpp"
#include "tests/sim/world/seeded_random.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <variant>

namespace dht {
namespace {

using namespace std::chrono_literals;

constexpr time_point start{1h};
constexpr std::size_t padded = 260;
const node_id key = sha1("key");

endpoint number(std::uint32_t which)
{
    return {boost::asio::ip::address_v4{0x0a000000U + which}, 4128};
}

class ResponderTest : public ::testing::Test
{
protected:
    void SetUp() override
    {
        for (std::uint32_t i = 1; i <= 100; ++i) {
            table.answered(contact_at(number(i)), 10ms, start);
        }
    }

    responder::answer answer(query_method method,
        std::uint32_t from = 200,
        std::size_t octets = padded,
        time_point now = start)
    {
        query asked;
        asked.sender = id_of(number(from));
        asked.network = tag_of("atoll");
        asked.method = std::move(method);
        const endpoint source = number(from);
        return respond({asked, source, octets}, now);
    }

    response reply(query_method method,
        std::uint32_t from = 200,
        std::size_t octets = padded,
        time_point now = start)
    {
        return std::get<response>(answer(std::move(method), from, octets, now));
    }

    response put(std::uint32_t from, std::chrono::seconds life, time_point now = start)
    {
        const response probed = reply(get_peers_query{key, life}, from, padded, now);
        put_terms terms;
        terms.state = pointer_state::complete;
        terms.life = life;
        return reply(announce_query{key, probed.token, 0, terms}, from, padded, now);
    }

    // With a token just obtained, unless another is given.
    response claim(std::uint32_t from, time_point now = start, lease_number silent = 0)
    {
        const response first = reply(get_peers_query{key, {}}, from, padded, now);
        get_peers_query asking{key, {}};
        asking.claim = claim_terms{10s, first.token, silent};
        return reply(asking, from, padded, now);
    }

    response change(std::uint32_t from, const put_terms& terms, time_point now = start)
    {
        const response first = reply(get_peers_query{key, {}}, from, padded, now);
        return reply(announce_query{key, first.token, 0, terms}, from, padded, now);
    }

    put_terms terms_of(lease_number lease, std::optional<pointer_state> state)
    {
        put_terms terms;
        terms.state = state;
        terms.life = 3'600s;
        terms.lease = lease;
        return terms;
    }

    sim::seeded_random random{1};
    config settings;
    levels all{sha1("self"), settings, random, start};
    routing_table& table = all.table();
    value_store& values = all.values();
    lease_table leases{settings};
    token_mint tokens{settings, random, start};
    std::optional<pointer> announced;  // by this node, whatever the key
    responder respond{
        settings, all, leases, tokens, [this](const node_id&, time_point) { return announced; }};
};

TEST_F(ResponderTest, EachReplySaysWhoAnswersAndWhereItSawTheAsker)
{
    for (const query_method& method : {query_method{ping_query{}},
             query_method{find_node_query{key}},
             query_method{get_peers_query{key, {}}}}) {
        const response out = reply(method);
        EXPECT_EQ(out.sender, sha1("self"));
        EXPECT_EQ(out.reported, number(200));
        EXPECT_TRUE(out.sloppy);
    }
}

TEST_F(ResponderTest, APingIsAnsweredWithTheNetwork)
{
    EXPECT_EQ(reply(ping_query{}).sloppy->network, tag_of("atoll"));
}

TEST_F(ResponderTest, OnlyALongQueryEarnsAllContacts)
{
    EXPECT_EQ(reply(find_node_query{key}, 200, 260).nodes.size(), 8U);
    EXPECT_EQ(reply(find_node_query{key}, 200, 259).nodes.size(), 2U);
    EXPECT_EQ(reply(get_peers_query{key, {}}, 200, 147).nodes.size(), 2U);
}

TEST_F(ResponderTest, NobodyIsToldOfHimself)
{
    for (const query_method& method : {query_method{find_node_query{key}},
             query_method{get_peers_query{key, {}}},
             query_method{get_peers_query{key, 3'600s}}}) {
        const response told = reply(method, 200, 260);
        ASSERT_FALSE(told.nodes.empty());
        const contact known = told.nodes.front();
        query asked;
        asked.network = tag_of("atoll");
        asked.method = method;
        const auto again = std::get<response>(respond({asked, known.at, 260}, start));
        EXPECT_FALSE(again.nodes.empty());
        for (const contact& who : again.nodes) {
            EXPECT_NE(who.at, known.at);
        }
    }
}

TEST_F(ResponderTest, OnlyALongQueryEarnsAllPointers)
{
    for (std::uint32_t i = 0; i < 4; ++i) {
        put(201 + i, 3'600s);
    }
    EXPECT_EQ(reply(get_peers_query{key, {}}, 200, 260).values.size(), 4U);
    EXPECT_EQ(reply(get_peers_query{key, {}}, 200, 259).values.size(), 1U);
}

TEST_F(ResponderTest, APutAndAGetMeet)
{
    EXPECT_EQ(put(201, 3'600s).sloppy->status, store_status::stored);
    const response out = reply(get_peers_query{key, {}});
    ASSERT_EQ(out.values.size(), 1U);
    EXPECT_EQ(out.values[0].peer, number(201));
    EXPECT_EQ(out.values[0].life, 3'600s);
    EXPECT_TRUE(out.nodes.empty()) << "values end a get: contacts would be waste";
    EXPECT_FALSE(out.token.empty());
}

TEST_F(ResponderTest, AReplyWithValuesStaysBelowOneAndAHalfTimesTheQuestion)
{
    for (std::uint32_t i = 0; i < 4; ++i) {
        put(201 + i, 3'600s);
    }
    message what;
    what.transaction = "abcd";
    what.body = reply(get_peers_query{key, {}});
    constexpr std::size_t headers = 28;  // IPv4 and UDP
    EXPECT_LE(encode(what, padded).size() + headers, (padded + headers) * 3 / 2);
    what.body = reply(find_node_query{key});
    EXPECT_LE(encode(what, padded).size() + headers, (padded + headers) * 3 / 2);
}

// Who forges the source of a question gains nothing, whatever he asks and however short.
TEST_F(ResponderTest, NoAnswerToAStrangerIsMoreThanOneAndAHalfTimesItsQuestion)
{
    for (std::uint32_t i = 0; i < 4; ++i) {
        put(201 + i, 3'600s);
    }
    get_peers_query claim{sha1("absent"), std::nullopt};
    claim.claim = claim_terms{10s, "8octets!", 3};
    put_terms terms;
    terms.state = pointer_state::complete;
    terms.life = 60s;
    const query_method methods[] = {ping_query{},
        ping_query{reach_request{}},
        ping_query{reach_request{reach_request::step::pass_on, number(7)}},
        ping_query{reach_request{reach_request::step::probe}},
        find_node_query{key},
        get_peers_query{key, std::nullopt},
        get_peers_query{sha1("absent"), std::nullopt},
        get_peers_query{key, 600s},
        claim,
        announce_query{key, "8octets!", 0, terms},
        announce_query{key, "", 0, put_terms{}}};
    constexpr double headers = 28;  // IPv4 and UDP
    for (const std::size_t pad : {padded, std::size_t{0}}) {
        for (const query_method& method : methods) {
            message question;
            question.transaction = "abcd";
            auto& asked = question.body.emplace<query>();
            asked.network = tag_of("atoll");
            asked.method = method;
            const std::size_t octets = encode(question, pad).size();
            message out{"abcd", error_reply{}};
            std::visit([&](auto& body) { out.body = std::move(body); },
                *std::make_unique<responder::answer>(answer(method, 250, octets)));
            EXPECT_LE(static_cast<double>(encode(out, 0).size()) + headers,
                1.5 * (static_cast<double>(octets) + headers))
                << "method " << method.index() << ", " << octets << " octets";
        }
    }
}

TEST_F(ResponderTest, AProbeBringsContactsAndConditionInsteadOfValues)
{
    for (std::uint32_t i = 0; i < 4; ++i) {
        put(201 + i, 3'600s);
    }
    const response loaded = reply(get_peers_query{key, 3'600s});
    EXPECT_TRUE(loaded.sloppy->full);
    EXPECT_TRUE(loaded.sloppy->loaded);
    EXPECT_TRUE(loaded.values.empty());
    EXPECT_FALSE(loaded.nodes.empty());
    const response later = reply(get_peers_query{key, 3'600s}, 200, padded, start + 5s);
    EXPECT_TRUE(later.sloppy->full);
    EXPECT_FALSE(later.sloppy->loaded);
}

TEST_F(ResponderTest, WhoWasLetThroughTheLeakIsStoredAndOthersAreNot)
{
    for (std::uint32_t i = 0; i < 4; ++i) {
        put(201 + i, 3'600s);
    }
    EXPECT_EQ(put(210, 3'600s).sloppy->status, store_status::full_and_loaded);
    EXPECT_EQ(put(211, 3'600s, start + 5s).sloppy->status, store_status::stored);
    EXPECT_EQ(put(212, 3'600s, start + 5s).sloppy->status, store_status::full_and_loaded);
}

TEST_F(ResponderTest, ATokenOfSomebodyElseIsRefused)
{
    const response probed = reply(get_peers_query{key, 60s}, 201);
    const auto refused = answer(
        announce_query{key, probed.token, 0, put_terms{pointer_state::complete, 60s, 0, 0}}, 202);
    ASSERT_TRUE(std::holds_alternative<error_reply>(refused));
    EXPECT_EQ(std::get<error_reply>(refused).code, 203);
    EXPECT_EQ(values.size(), 0U);
}

TEST_F(ResponderTest, NobodyKeepsAPointerForLongerThanAnHour)
{
    const response out = put(201, 60'000s);
    EXPECT_EQ(out.sloppy->granted, 3'600s);
    EXPECT_EQ(values.values(key, start)[0].life, 3'600s);
}

TEST_F(ResponderTest, StatusZeroWithdraws)
{
    put(201, 3'600s);
    const response got = reply(get_peers_query{key, {}}, 201);
    reply(announce_query{key, got.token, 0, put_terms{}}, 201);
    EXPECT_TRUE(values.values(key, start).empty());
}

// Until its own pointer has reached other nodes, or when they have lost it.
TEST_F(ResponderTest, WhoHoldsTheObjectItselfSaysSo)
{
    announced = pointer{};
    announced->peer = number(1);
    announced->life = 600s;
    for (const std::uint32_t holder : {0U, 202U, 1U}) {
        if (holder != 0) {
            put(holder, 3'600s);
        }
        const response got = reply(get_peers_query{key, {}});
        EXPECT_TRUE(got.nodes.empty());
        EXPECT_EQ(std::count_if(got.values.begin(),
                      got.values.end(),
                      [](const pointer& one) { return one.peer == number(1); }),
            1);
    }
    EXPECT_FALSE(claim(203).sloppy->lease) << "there is somebody who has it";
    for (const std::uint32_t holder : {204U, 205U, 206U}) {
        put(holder, 3'600s);
    }
    EXPECT_EQ(reply(get_peers_query{key, {}}).values.size(), settings.values_per_key);
}

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

TEST_F(ResponderTest, AnUnknownMethodIsError204)
{
    EXPECT_EQ(std::get<error_reply>(answer(unknown_query{})).code, 204);
}

TEST_F(ResponderTest, APlainNodeGetsValuesAndContactsAndNoExtension)
{
    put(201, 3'600s);
    query asked;
    asked.method = get_peers_query{key, {}};
    const endpoint source = number(200);
    const auto out = std::get<response>(respond({asked, source, 100}, start));
    EXPECT_EQ(out.values.size(), 1U);
    EXPECT_FALSE(out.nodes.empty());
    EXPECT_FALSE(out.sloppy);
}

TEST_F(ResponderTest, AnswersAtALevelFromItsClusterOnly)
{
    const auto ask = [&](const query_scope& scope) {
        query asked;
        asked.sender = id_of(number(200));
        asked.network = tag_of("atoll");
        asked.scope = scope;
        asked.method = get_peers_query{key, {}};
        const endpoint source = number(200);
        return std::get<response>(respond({asked, source, padded}, start));
    };
    const query_scope ours = all.scope(2);
    all.near(2).answered(contact_at(number(7)), all.near(2).summary(start), 5ms, true, start);
    const response inside = ask(ours);
    ASSERT_EQ(inside.nodes.size(), 1U);
    EXPECT_EQ(inside.nodes[0].at, number(7));
    EXPECT_EQ(inside.sloppy->clusters, all.summaries(start));
    const response outside = ask({2, {9, 9}});
    EXPECT_TRUE(outside.nodes.empty());
    EXPECT_EQ(outside.sloppy->clusters, all.summaries(start)) << "which tells the asker why";
    EXPECT_TRUE(ask({7, {}}).nodes.empty()) << "we have no such level";
}

TEST_F(ResponderTest, WhatWasPutInAClusterIsFoundFromWiderLevelsButNotTheOtherWayRound)
{
    pointer near;
    near.peer = number(8);
    near.life = 60s;
    all.values(2).put(key, near, admission::ordinary, start);
    EXPECT_EQ(reply(get_peers_query{key, {}}).values.size(), 1U);
    const node_id other = sha1("other");
    all.values(0).put(other, near, admission::ordinary, start);
    EXPECT_TRUE(all.pointers(2, other, start).empty());
}

TEST_F(ResponderTest, TheEndOfASearchInAClusterAnswersForTheWiderLevel)
{
    const auto ask = [&](const node_id& wanted) {
        query asked;
        asked.sender = id_of(number(200));
        asked.network = tag_of("atoll");
        asked.scope = all.scope(2);
        asked.method = get_peers_query{wanted, {}};
        const endpoint source = number(200);
        return std::get<response>(respond({asked, source, padded}, start));
    };
    const contact neighbour = contact_at(number(7));
    all.near(2).answered(neighbour, all.near(2).summary(start), 5ms, true, start);
    const response there = ask(neighbour.id);
    EXPECT_FALSE(there.sloppy->level) << "somebody in the cluster is closer";
    const response here = ask(table.self());
    EXPECT_EQ(here.sloppy->level, level_number{0});
    EXPECT_EQ(here.nodes.size(), settings.bucket_size);
}

}  // namespace
}  // namespace dht
