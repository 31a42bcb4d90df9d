// Hits in memory on the wire: bodies that are copied into the socket, and large ones whose pages it
// is handed.

#include "tests/support/generated_body.hpp"
#include "tests/support/test_origin.hpp"
#include "tests/wire/process/one_peer.hpp"

#include <gtest/gtest.h>

namespace proxy {
namespace {

class MemoryHitTest : public one_peer
{
protected:
    std::string serve(const std::string& path, std::size_t octets)
    {
        std::string body = support::generated_body(++seed_, octets);
        support::origin_route route;
        route.body = body;
        route.etag = "\"" + std::to_string(seed_) + "\"";
        origin.serve(path, std::move(route));
        return body;
    }

    std::string body_of(const std::string& path)
    {
        const support::http_client::result answer = get(origin.authority(), path);
        return answer && answer->status == 200 ? answer->body : "";
    }

    support::http_request ranged(const std::string& path, const std::string& range)
    {
        support::http_request request = support::forward_request(origin.authority(), path);
        request.fields.emplace_back("Range", range);
        return request;
    }

    support::test_origin origin;

private:
    std::uint64_t seed_ = 0;
};

TEST_F(MemoryHitTest, PipelinedAnswersOfAllSizesComeInOrderAndWhole)
{
    const std::string small = serve("/small", 1'000);
    const std::string large = serve("/large", 300'001);
    const std::string edge = serve("/edge", 32 * 1024);
    ASSERT_EQ(body_of("/small"), small);
    ASSERT_EQ(body_of("/large"), large);
    ASSERT_EQ(body_of("/edge"), edge);
    const auto request = [&](const std::string& path) {
        return support::forward_request(origin.authority(), path);
    };
    support::http_client client(peer().client());
    const auto answers = client.pipeline({request("/large"),
        request("/small"),
        ranged("/large", "bytes=4095-8192"),
        request("/edge"),
        ranged("/large", "bytes=-5"),
        request("/small")});
    const std::vector<std::string> expected{
        large, small, large.substr(4'095, 4'098), edge, large.substr(299'996), small};
    ASSERT_EQ(answers.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
        ASSERT_TRUE(answers[i]) << "answer " << i;
        EXPECT_TRUE(answers[i]->body == expected[i]) << "answer " << i;
    }
    EXPECT_EQ(origin.total().requests, 3U);
}

// The socket still holds pages of a body when that is evicted and others take its place in memory.
TEST_F(MemoryHitTest, WhatIsQueuedSurvivesItsEviction)
{
    start_with({"--memory", "8MiB"});
    constexpr std::size_t octets = 900'000;
    const std::string wanted = serve("/wanted", octets);
    ASSERT_EQ(body_of("/wanted"), wanted);
    support::raw_connection slow(peer().client());
    ASSERT_TRUE(slow.send("GET " + origin.url("/wanted") + " HTTP/1.1\r\nHost: " +
                          origin.authority() + "\r\nConnection: close\r\n\r\n"));
    for (int i = 0; i < 30; ++i) {
        const std::string path = "/other" + std::to_string(i);
        const std::string other = serve(path, octets);
        ASSERT_EQ(body_of(path), other);
    }
    EXPECT_GT(peer().metric("atoll_memory_evictions_total"), 10);
    const std::string answer = slow.read_to_end();
    ASSERT_GT(answer.size(), octets);
    EXPECT_TRUE(answer.ends_with(wanted));  // not printed: it is long
}

}  // namespace
}  // namespace proxy
