#include "dht/core/responder.hpp"

#include "dht/core/encoder.hpp"
#include "tests/sim/world/seeded_random.hpp"

#include <gtest/gtest.h>

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

    sim::seeded_random random{1};
    config settings;
    routing_table table{sha1("self"), settings};
    value_store values{settings};
    token_mint tokens{settings, random, start};
    responder respond{settings, table, values, tokens};
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
    EXPECT_EQ(reply(find_node_query{key}, 200, 259).nodes.size(), 3U);
    EXPECT_EQ(reply(get_peers_query{key, {}}, 200, 147).nodes.size(), 3U);
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

}  // namespace
}  // namespace dht
