#include "dht/core/responder.hpp"

#include "dht/core/encoder.hpp"
#include "tests/unit/dht/responder_fixture.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <variant>

namespace dht {
namespace {

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
