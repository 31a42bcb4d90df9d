// The origin and the client that the other tests rely on: a harness that mistakes a short body for
// a whole one would let every claim below pass.

#include "tests/support/test_origin.hpp"
#include "tests/support/answer_source.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/generated_body.hpp"
#include "tests/support/http_client.hpp"

#include <gtest/gtest.h>
#include <boost/beast/http/error.hpp>

namespace support {
namespace {

http_request get(const test_origin& origin, const std::string& path)
{
    http_request request;
    request.target = path;
    request.fields.emplace_back("Host", origin.authority());
    return request;
}

class TestOriginTest : public testing::Test
{
protected:
    TestOriginTest() { route_.body = body_; }

    http_client::result answer_of(origin_behaviour behaviour)
    {
        route_.behaviour = behaviour;
        origin_.serve("/", route_);
        return http_client(origin_.endpoint()).exchange(get(origin_, "/"));
    }

    const std::string body_ = generated_body(7, 300'000);
    origin_route route_;
    test_origin origin_;
};

TEST_F(TestOriginTest, WholeBodyArrivesByLengthAndInChunks)
{
    for (const origin_behaviour behaviour : {origin_behaviour::answer, origin_behaviour::chunked}) {
        const http_client::result response = answer_of(behaviour);
        ASSERT_TRUE(response.has_value()) << response.error().message();
        EXPECT_EQ(response->status, 200U);
        EXPECT_TRUE(response->body == body_);
    }
    EXPECT_EQ(origin_.count("/").requests, 2U);
    // The last piece may be here before it is counted there.
    EXPECT_TRUE(eventually([&] { return origin_.count("/").octets > 2 * body_.size(); }));
}

TEST_F(TestOriginTest, BodyThatEndsEarlyIsAnError)
{
    const http_client::result response = answer_of(origin_behaviour::truncate);
    ASSERT_FALSE(response.has_value());
    EXPECT_EQ(response.error(), boost::beast::http::error::partial_message);
}

TEST_F(TestOriginTest, ClosingWithoutAnAnswerIsTheEndOfTheStream)
{
    const http_client::result response = answer_of(origin_behaviour::disconnect);
    ASSERT_FALSE(response.has_value());
    EXPECT_EQ(response.error(), boost::beast::http::error::end_of_stream);
}

TEST_F(TestOriginTest, AnswersConditionAndRange)
{
    route_.etag = "\"one\"";
    origin_.serve("/", route_);
    http_client client(origin_.endpoint());
    http_request conditional = get(origin_, "/");
    conditional.fields.emplace_back("If-None-Match", "\"zero\", \"one\"");
    EXPECT_EQ(client.exchange(conditional)->status, 304U);

    http_request part = get(origin_, "/");
    part.fields.emplace_back("Range", "bytes=100-299");
    const http_client::result partial = client.exchange(part);
    EXPECT_EQ(partial->status, 206U);
    EXPECT_EQ(partial->field("content-range"), "bytes 100-299/300000");
    EXPECT_TRUE(partial->body == body_.substr(100, 200));

    http_request head = get(origin_, "/");
    head.method = "HEAD";
    EXPECT_EQ(client.exchange(head)->field("Content-Length"), "300000");
}

TEST_F(TestOriginTest, UplinkIsSharedByAllConnections)
{
    constexpr std::uint64_t rate = 1'000'000;
    test_origin slow(rate);
    slow.serve("/", route_);
    const auto start = std::chrono::steady_clock::now();
    std::vector<std::thread> clients;
    for (int client = 0; client < 3; ++client) {
        clients.emplace_back([&] {
            EXPECT_TRUE(http_client(slow.endpoint()).exchange(get(slow, "/")).has_value());
        });
    }
    for (std::thread& client : clients) {
        client.join();
    }
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
    EXPECT_GE(elapsed.count(), 3 * 300'000.0 / rate);
}

TEST_F(TestOriginTest, StoppedOriginRefusesConnections)
{
    origin_.stop();
    EXPECT_EQ(answer_of(origin_behaviour::answer).error(), boost::asio::error::connection_refused);
}

TEST(AnswerSourceTest, ReadsTheLastMemberOfCacheStatus)
{
    EXPECT_EQ(source_of("a;hit;detail=memory"), answer_source::memory);
    EXPECT_EQ(
        source_of("a;hit;detail=disk, b;fwd=uri-miss;stored;detail=peer"), answer_source::peer);
    EXPECT_EQ(source_of("\"a,b\";fwd=miss;detail=\"origin/private\";ttl=3"), answer_source::origin);
    EXPECT_EQ(source_of("a;fwd=miss;collapsed;detail=origin"), answer_source::collapsed);
    EXPECT_EQ(source_of("a;hit, \"b;detail=disk,\""), answer_source::unknown);
    EXPECT_EQ(source_of(""), answer_source::unknown);
}

}  // namespace
}  // namespace support
