#include "dht/core/encoder.hpp"

#include "dht/core/decoder.hpp"

#include <gtest/gtest.h>

#include <span>
#include <string>
#include <variant>

namespace dht {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t padded = 260;

message query_of(query_method method)
{
    message what;
    what.transaction = "abcd";
    auto& asked = what.body.emplace<query>();
    asked.sender = sha1("sender");
    asked.network = tag_of("atoll");
    asked.method = std::move(method);
    return what;
}

message reply_of(response reply)
{
    message what;
    what.transaction = "abcd";
    what.body = std::move(reply);
    return what;
}

message read_back(const message& what)
{
    const std::string text = encode(what, padded);
    const result<message> decoded = decode(std::as_bytes(std::span{text}));
    EXPECT_TRUE(decoded) << decoded.error().message();
    return decoded ? *decoded : message{};
}

pointer pointer_to(const char* address)
{
    pointer value;
    value.peer = {boost::asio::ip::make_address(address), 4128};
    value.state = pointer_state::in_flight;
    value.life = 17s;
    value.load = 200;
    value.version_tag = 0x0123456789abcdef;
    return value;
}

TEST(EncoderTest, WritesAPingOctetForOctet)
{
    message what;
    what.transaction = "aa";
    what.body.emplace<query>().sender = *node_id::from_octets("abcdefghij0123456789");
    const std::string expected{
        "d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:v4:At\0\1"
        "1:y1:qe",
        65};
    EXPECT_EQ(encode(what, padded), expected);
}

TEST(EncoderTest, AnnounceRoundTrips)
{
    const put_terms terms{pointer_state::in_flight, 20s, 7, 0x1122334455667788};
    const message out = read_back(query_of(announce_query{sha1("key"), "8octets!", 0, terms}));
    const auto& asked = std::get<query>(out.body);
    EXPECT_EQ(asked.network, tag_of("atoll"));
    const auto& method = std::get<announce_query>(asked.method);
    EXPECT_EQ(method.key, sha1("key"));
    EXPECT_EQ(method.token, "8octets!");
    EXPECT_EQ(method.port, 0);
    ASSERT_TRUE(method.put);
    EXPECT_EQ(method.put->state, pointer_state::in_flight);
    EXPECT_EQ(method.put->life, 20s);
    EXPECT_EQ(method.put->load, 7);
    EXPECT_EQ(method.put->version_tag, 0x1122334455667788U);
}

TEST(EncoderTest, WithdrawalRoundTrips)
{
    const message out =
        read_back(query_of(announce_query{sha1("key"), "8octets!", 4128, put_terms{}}));
    const auto& method = std::get<announce_query>(std::get<query>(out.body).method);
    EXPECT_EQ(method.port, 4128);
    ASSERT_TRUE(method.put);
    EXPECT_FALSE(method.put->state);
}

TEST(EncoderTest, ARepetitionIsTheSameUnderAnotherNumber)
{
    message what;
    what.transaction = "abcd";
    auto& asked = what.body.emplace<query>();
    asked.method = get_peers_query{sha1("key"), std::nullopt};
    std::string id{"1:t4:abcd"};
    id.resize(20, 'x');
    asked.sender = *node_id::from_octets(id);
    const std::string again = with_transaction(encode(what, 260), "abcd", "wxyz");
    const auto decoded = decode(std::as_bytes(std::span{again}));
    ASSERT_TRUE(decoded);
    EXPECT_EQ(decoded->transaction, "wxyz");
    EXPECT_EQ(std::get<query>(decoded->body).sender, asked.sender);
}

TEST(EncoderTest, AClaimRoundTrips)
{
    get_peers_query asking{sha1("key"), {}};
    asking.claim = claim_terms{10s, "8octets!", 17};
    const message out = read_back(query_of(asking));
    const auto& method = std::get<get_peers_query>(std::get<query>(out.body).method);
    EXPECT_FALSE(method.put_life);
    ASSERT_TRUE(method.claim);
    EXPECT_EQ(method.claim->life, 10s);
    EXPECT_EQ(method.claim->token, "8octets!");
    EXPECT_EQ(method.claim->silent, 17U);
}

TEST(EncoderTest, ARenewalRoundTrips)
{
    put_terms terms{pointer_state::in_flight, 10s, 7, 42};
    terms.lease = 17;
    terms.received_octets = 5'000'000'000;
    const message out = read_back(query_of(announce_query{sha1("key"), "8octets!", 0, terms}));
    const auto& method = std::get<announce_query>(std::get<query>(out.body).method);
    ASSERT_TRUE(method.put);
    EXPECT_EQ(method.put->lease, 17U);
    EXPECT_EQ(method.put->received_octets, 5'000'000'000U);
    EXPECT_EQ(method.put->version_tag, 42U);
}

TEST(EncoderTest, TheAnswerToAClaimRoundTripsInBothFamilies)
{
    for (const char* address : {"192.0.2.2", "2001:db8::2"}) {
        const pointer holder = pointer_to(address);
        response reply;
        reply.sender = sha1("sender");
        reply.values = {holder};
        reply.sloppy.emplace().loaded = true;
        reply.sloppy->lease = lease_answer{false, holder.peer, 9s, 17};
        const auto out = std::get<response>(read_back(reply_of(reply)).body);
        ASSERT_TRUE(out.sloppy && out.sloppy->lease);
        EXPECT_TRUE(out.sloppy->loaded);
        EXPECT_FALSE(out.sloppy->lease->granted);
        EXPECT_EQ(out.sloppy->lease->holder, holder.peer);
        EXPECT_EQ(out.sloppy->lease->left, 9s);
        EXPECT_EQ(out.sloppy->lease->number, 17U);
    }
}

std::vector<cluster_summary> two_clusters()
{
    return {{{1, 2, 3, 4, 5, 6, 7, 8}, 40, 3'600s}, {{8, 7, 6, 5, 4, 3, 2, 1}, 1, 0s}};
}

TEST(EncoderTest, EveryQueryTellsItsLevelAndTheClustersOfItsSender)
{
    const std::vector<query_method> methods{ping_query{},
        find_node_query{sha1("target")},
        get_peers_query{sha1("key"), 60s, claim_terms{10s, "8octets!", 3}},
        announce_query{
            sha1("key"), "8octets!", 0, put_terms{pointer_state::complete, 20s, 7, 1, 5, 9}}};
    for (const query_method& method : methods) {
        message what = query_of(method);
        auto& asked = std::get<query>(what.body);
        asked.scope = {2, {8, 7, 6, 5, 4, 3, 2, 1}};
        asked.clusters = two_clusters();
        const message out = read_back(what);
        const auto& read = std::get<query>(out.body);
        EXPECT_EQ(read.scope, asked.scope) << "method " << method.index();
        EXPECT_EQ(read.clusters, asked.clusters) << "method " << method.index();
    }
}

TEST(EncoderTest, AReplyTellsTheClustersOfItsSender)
{
    response reply;
    reply.sender = sha1("sender");
    reply.sloppy.emplace().clusters = two_clusters();
    reply.sloppy->level = level_number{1};
    const message out = read_back(reply_of(reply));
    EXPECT_EQ(std::get<response>(out.body).sloppy->clusters, two_clusters());
    EXPECT_EQ(std::get<response>(out.body).sloppy->level, level_number{1});
}

TEST(EncoderTest, SizesAndAgesThatDoNotFitAreTheLargestThatDo)
{
    response reply;
    reply.sender = sha1("sender");
    reply.sloppy.emplace().clusters = {{{1}, 1e12, std::chrono::hours{24 * 365 * 200}}};
    const message out = read_back(reply_of(reply));
    const auto& read = std::get<response>(out.body).sloppy->clusters;
    EXPECT_EQ(read.at(0).size, 4e9);
    EXPECT_EQ(read.at(0).age, std::chrono::seconds{0xffff'ffff});
}

TEST(EncoderTest, ReplyRoundTripsInBothFamilies)
{
    response reply;
    reply.sender = sha1("sender");
    reply.reported = endpoint{boost::asio::ip::make_address("192.0.2.9"), 1};
    reply.token = "8octets!";
    reply.nodes = {contact_at({boost::asio::ip::make_address("192.0.2.1"), 4128}),
        contact_at({boost::asio::ip::make_address("2001:db8::1"), 4128})};
    reply.values = {pointer_to("192.0.2.2"), pointer_to("2001:db8::2")};
    reply.sloppy = sloppy_reply{std::nullopt, true, true, store_status::full_and_loaded, 3'600s};
    const auto out = std::get<response>(read_back(reply_of(reply)).body);
    EXPECT_EQ(out.reported, reply.reported);
    EXPECT_EQ(out.token, reply.token);
    EXPECT_EQ(out.values, reply.values);
    ASSERT_EQ(out.nodes.size(), 2U);
    EXPECT_EQ(out.nodes[0].id, reply.nodes[0].id);
    EXPECT_EQ(out.nodes[1].at, reply.nodes[1].at);
    ASSERT_TRUE(out.sloppy);
    EXPECT_TRUE(out.sloppy->full);
    EXPECT_TRUE(out.sloppy->loaded);
    EXPECT_EQ(out.sloppy->status, store_status::full_and_loaded);
    EXPECT_EQ(out.sloppy->granted, 3'600s);
}

TEST(EncoderTest, QueriesAnsweredWithContactsArePaddedAndOthersAreNot)
{
    EXPECT_GE(encode(query_of(find_node_query{sha1("x")}), padded).size(), padded);
    EXPECT_LE(encode(query_of(find_node_query{sha1("x")}), padded).size(), padded + 4);
    EXPECT_GE(encode(query_of(get_peers_query{sha1("x"), 3'600s}), padded).size(), padded);
    EXPECT_LT(encode(query_of(ping_query{}), padded).size(), 120U);
    // As small as the gap that one key leaves.
    for (std::size_t wanted = 120; wanted < 300; ++wanted) {
        const std::string text = encode(query_of(get_peers_query{sha1("x"), 20s}), wanted);
        EXPECT_TRUE(decode(std::as_bytes(std::span{text})));
        EXPECT_GE(text.size(), wanted);
    }
}

TEST(EncoderTest, ReplyWithFourValuesStaysSmall)
{
    response reply;
    reply.sender = sha1("sender");
    reply.reported = endpoint{boost::asio::ip::make_address("192.0.2.9"), 1};
    reply.token = "8octets!";
    reply.values.assign(4, pointer_to("192.0.2.2"));
    reply.sloppy.emplace();
    EXPECT_LE(encode(reply_of(reply), padded).size(), 230U);
}

TEST(EncoderTest, ErrorIsSmallerThanAnyQuery)
{
    message what;
    what.transaction = "abcd";
    what.body = error_reply{static_cast<int>(krpc_error::other_network)};
    const std::string text = encode(what, padded);
    EXPECT_LT(text.size(), encode(query_of(ping_query{}), padded).size());
    const auto decoded = decode(std::as_bytes(std::span{text}));
    ASSERT_TRUE(decoded);
    EXPECT_EQ(std::get<error_reply>(decoded->body).code, 310);
}

TEST(EncoderTest, RequestsOfReachabilityAreReadBack)
{
    const endpoint where{boost::asio::ip::make_address("192.0.2.1"), 4128};
    for (const reach_request& request : {reach_request{},
             reach_request{reach_request::step::pass_on, where},
             reach_request{reach_request::step::probe}}) {
        const std::string text = encode(query_of(ping_query{request}), padded);
        const auto decoded = decode(std::as_bytes(std::span{text}));
        ASSERT_TRUE(decoded) << text;
        const auto& ping = std::get<ping_query>(std::get<query>(decoded->body).method);
        ASSERT_TRUE(ping.reach) << text;
        EXPECT_TRUE(ping.reach->what == request.what && ping.reach->whom == request.whom) << text;
    }
    message what;
    what.transaction = "abcd";
    sloppy_reply& sloppy = what.body.emplace<response>().sloppy.emplace();
    sloppy.passed_on = true;
    sloppy.read_only = true;
    const std::string text = encode(what, padded);
    const auto decoded = decode(std::as_bytes(std::span{text}));
    ASSERT_TRUE(decoded) << text;
    const auto& read = std::get<response>(decoded->body).sloppy;
    EXPECT_TRUE(read->passed_on && read->read_only);
}

}  // namespace
}  // namespace dht
