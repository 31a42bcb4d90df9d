// Requests with content: never completed for the client, never read as the next request, and the
// answer arrives although the content was not wanted.

#include "tests/support/eventually.hpp"
#include "tests/support/process_usage.hpp"
#include "tests/support/raw_origin.hpp"
#include "tests/support/sanitized.hpp"
#include "tests/wire/process/one_peer.hpp"

#include <algorithm>
#include <future>
#include <thread>

namespace proxy {
namespace {

using ending = support::raw_connection::ending;
using then = support::raw_answer::then;

class RequestContentTest : public one_peer
{
protected:
    std::string post(const support::raw_origin& origin, std::string_view fields) const
    {
        std::string text = "POST http://" + origin.authority() +
                           "/form HTTP/1.1\r\nHost: " + origin.authority() + "\r\n";
        return text.append(fields).append("\r\n");
    }
};

support::raw_origin::script silent()
{
    return [](std::string_view) { return std::optional<support::raw_answer>(); };
}

TEST_F(RequestContentTest, CutShortByTheClientNeverLooksWholeToTheOrigin)
{
    const std::string cuts[] = {"Transfer-Encoding: chunked\r\n", "Content-Length: 100\r\n"};
    for (const std::string& framing : cuts) {
        SCOPED_TRACE(framing);
        support::raw_origin origin(silent());
        {
            support::raw_connection client(peer().client());
            client.send(post(origin, framing) + "5\r\nabcde\r\n");
            client.finish_sending();
            EXPECT_EQ(support::status_of(client.read_to_end()), 400U);
        }
        ASSERT_TRUE(origin.wait_for_ends(1));
        const std::string received = origin.received().front();
        EXPECT_NE(received.find("abcde"), std::string::npos);
        EXPECT_EQ(received.find("\r\n0\r\n"), std::string::npos) << received;
        EXPECT_LT(received.size() - received.find("\r\n\r\n"), 100U);
    }
}

TEST_F(RequestContentTest, MalformedChunkBehindGoodOnesIsAClientError)
{
    support::raw_origin origin(silent());
    const std::string answer =
        raw(post(origin, "Transfer-Encoding: chunked\r\n") + "3\r\nabc\r\nnonsense\r\n");
    EXPECT_EQ(support::status_of(answer), 400U) << answer;
    ASSERT_TRUE(origin.wait_for_ends(1));
    EXPECT_EQ(origin.received().front().find("\r\n0\r\n"), std::string::npos);
}

TEST_F(RequestContentTest, IsSentWithFramingOfOurOwn)
{
    support::raw_origin origin([](std::string_view received) -> std::optional<support::raw_answer> {
        if (received.find("\r\n0\r\n\r\n") == std::string::npos) {
            return std::nullopt;
        }
        return support::raw_answer{"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"};
    });
    const std::string answer =
        raw(post(origin, "Transfer-Encoding: chunked\r\nConnection: close\r\nTrailer: X\r\n") +
            "3;a=b\r\nabc\r\n0\r\nX: y\r\n\r\n");
    EXPECT_EQ(support::status_of(answer), 200U) << answer;
    const std::string received = origin.received().front();
    EXPECT_NE(received.find("3\r\nabc\r\n0\r\n\r\n"), std::string::npos) << received;
    EXPECT_EQ(received.find("X: y"), std::string::npos);
    EXPECT_EQ(received.find("Content-Length"), std::string::npos);
}

TEST_F(RequestContentTest, ContinueIsAnsweredHere)
{
    support::raw_origin origin([](std::string_view received) -> std::optional<support::raw_answer> {
        if (!received.ends_with("abc")) {
            return std::nullopt;
        }
        return support::raw_answer{"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"};
    });
    support::raw_connection client(peer().client());
    client.send(post(origin, "Content-Length: 3\r\nExpect: 100-continue\r\nConnection: close\r\n"));
    EXPECT_EQ(support::status_of(client.read_until("\r\n\r\n")), 100U);
    client.send("abc");
    EXPECT_EQ(support::status_of(client.read_to_end()), 200U);
}

// The origin refuses early and closes; the rest of the content is still on its way to us. Closing
// at once would reset the client's connection and take the answer with it (RFC 9112, section 9.6).
TEST_F(RequestContentTest, EarlyRefusalReachesAClientThatStillSends)
{
    for (int round = 0; round < 10; ++round) {
        support::raw_origin origin(support::always(
            {"HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno",
                then::reset}));
        support::raw_connection client(peer().client());
        client.send(post(origin, "Content-Length: 400000\r\nConnection: close\r\n"));
        const std::string piece(20'000, 'x');
        for (int i = 0; i < 20 && client.send(piece); ++i) {
            std::this_thread::yield();
        }
        const std::string answer = client.read_to_end();
        const unsigned status = support::status_of(answer);
        EXPECT_EQ(status, 413U) << answer;
        EXPECT_EQ(client.how_it_ended(), ending::closed);
    }
}

// The origin says no and waits; it neither reads on nor closes.
TEST_F(RequestContentTest, RefusalIsPassedOnBeforeTheContentIsComplete)
{
    support::raw_origin origin(support::always(
        {"HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\n\r\nno", then::hold}));
    for (const char* const framing :
        {"Content-Length: 50000000\r\n", "Transfer-Encoding: chunked\r\n"}) {
        SCOPED_TRACE(framing);
        support::raw_connection client(peer().client());
        client.send(post(origin, framing));
        const std::string answer = client.read_to_end();
        EXPECT_EQ(support::status_of(answer), 413U) << answer;
        EXPECT_TRUE(answer.ends_with("no")) << answer;
        EXPECT_NE(answer.find("Connection: close"), std::string::npos) << answer;
    }
    EXPECT_TRUE(origin.wait_for_ends(2));
}

// Neither waits for the end of the other's message.
TEST_F(RequestContentTest, OriginMayAnswerWhileItReads)
{
    support::raw_origin origin([](std::string_view received) -> std::optional<support::raw_answer> {
        if (received.ends_with("\r\n\r\n") && received.starts_with("POST")) {
            return support::raw_answer{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"};
        }
        return support::raw_answer{std::string(received)};  // an echo, framing and all
    });
    support::raw_connection client(peer().client());
    client.send(post(origin, "Transfer-Encoding: chunked\r\n"));
    EXPECT_EQ(support::status_of(client.read_until("\r\n\r\n")), 200U);
    for (const char* const chunk : {"3\r\nabc\r\n", "2\r\nde\r\n", "0\r\n\r\n"}) {
        client.send(chunk);
        EXPECT_EQ(client.read_until(chunk), chunk);
    }
}

// Only an error says that the rest of the content is not wanted.
TEST_F(RequestContentTest, ReachesTheOriginWholeAlthoughItHasAnsweredBefore)
{
    support::raw_origin origin([](std::string_view received) -> std::optional<support::raw_answer> {
        if (received.find("POST ") == std::string_view::npos) {
            return std::nullopt;
        }
        return support::raw_answer{"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"};
    });
    support::raw_connection client(peer().client());
    client.send(post(origin, "Transfer-Encoding: chunked\r\n"));
    EXPECT_TRUE(client.read_until("ok").ends_with("ok"));
    for (const char* const chunk : {"3\r\nabc\r\n", "2\r\nde\r\n", "0\r\n\r\n"}) {
        client.send(chunk);
    }
    client.read_to_end();
    EXPECT_EQ(client.how_it_ended(), ending::closed);
    EXPECT_TRUE(support::eventually([&] {
        return origin.received().front().ends_with("3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
    })) << origin.received().front();
}

// RFC 9110, section 15.2: only the 100 is ours.
TEST_F(RequestContentTest, InterimAnswersArePassedOnToClientsThatKnowThem)
{
    support::raw_origin origin(
        support::always({"HTTP/1.1 100 Continue\r\n\r\n"
                         "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n"
                         "Connection: X\r\nX: y\r\n\r\n"
                         "HTTP/1.1 204 No Content\r\n\r\n"}));
    const std::string request = "DELETE http://" + origin.authority() +
                                "/ HTTP/1.1\r\nHost: " + origin.authority() +
                                "\r\nConnection: close\r\n\r\n";
    const std::string answer = raw(request);
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 103 \r\nLink: </a>\r\nVia: ")) << answer;
    EXPECT_NE(answer.find("HTTP/1.1 204 No Content\r\n"), std::string::npos) << answer;
    EXPECT_EQ(answer.find("X: y"), std::string::npos) << answer;
    std::string old = request;
    old.replace(old.find("HTTP/1.1"), 8, "HTTP/1.0");
    EXPECT_EQ(support::status_of(raw(old)), 204U);
}

// Whose fault it is decides what the counters say.
TEST_F(RequestContentTest, ClientThatLeavesDuringAnInterimAnswerIsNoFailureOfOurs)
{
    std::promise<void> left;
    const std::shared_future<void> has_left = left.get_future().share();
    support::raw_origin origin([&](std::string_view) -> std::optional<support::raw_answer> {
        has_left.wait();
        std::string hints;
        for (int i = 0; i != 100; ++i) {
            hints += "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";
        }
        return support::raw_answer{hints, then::hold};
    });
    {
        support::raw_connection client(peer().client());
        client.send("DELETE http://" + origin.authority() +
                    "/ HTTP/1.1\r\nHost: " + origin.authority() + "\r\n\r\n");
        EXPECT_TRUE(support::eventually([&] { return origin.connections() == 1; }));
        client.reset();
    }
    left.set_value();
    ASSERT_TRUE(origin.wait_for_ends(1));
    const auto count = [this](const std::string& status) {
        return peer().metric("atoll_error_responses_total{class=\"" + status + "\"}");
    };
    EXPECT_TRUE(support::eventually([&] { return count("4xx") + count("5xx") != 0; }));
    EXPECT_EQ(count("4xx"), 1);
}

TEST_F(RequestContentTest, MaxForwardsOfZeroIsAnsweredHere)
{
    support::raw_origin origin(support::always({"HTTP/1.1 204 No Content\r\n\r\n"}));
    const auto ask = [&](const std::string& method, const std::string& left) {
        return raw(method + " http://" + origin.authority() +
                   "/ HTTP/1.1\r\nHost: " + origin.authority() + "\r\nMax-Forwards: " + left +
                   "\r\nConnection: close\r\n\r\n");
    };
    EXPECT_EQ(support::status_of(ask("OPTIONS", "0")), 200U);
    EXPECT_EQ(support::status_of(ask("TRACE", "0")), 405U);
    EXPECT_EQ(origin.connections(), 0U);
    const std::string answer = ask("OPTIONS", "7");
    EXPECT_EQ(support::status_of(answer), 204U);
    EXPECT_NE(origin.received().front().find("Max-Forwards: 6\r\n"), std::string::npos);
    // The origin gave none (RFC 9110, section 6.6.1).
    EXPECT_NE(answer.find("\r\nDate: "), std::string::npos) << answer;
}

TEST_F(RequestContentTest, OfARefusedRequestIsNotReadAsTheNextRequest)
{
    support::raw_origin origin(support::always({"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"}));
    const std::string inner = "GET http://" + origin.authority() +
                              "/inner HTTP/1.1\r\nHost: " + origin.authority() + "\r\n\r\n";
    const std::string answer = raw("POST / HTTP/1.1\r\nHost: nowhere.example\r\nContent-Length: " +
                                   std::to_string(inner.size()) + "\r\n\r\n" + inner);
    EXPECT_EQ(support::status_of(answer), 421U) << answer;
    EXPECT_EQ(answer.find("HTTP/1.1", 1), std::string::npos);
    EXPECT_EQ(origin.connections(), 0U);
}

// Each read ends inside a head, so that there is always a part left over.
TEST_F(RequestContentTest, EndlessPipeliningNeedsBoundedMemory)
{
    constexpr int requests = 6'000;
    constexpr std::uint64_t growth_limit = 24'000'000;
    const std::string request =
        "GET / HTTP/1.1\r\nHost: nowhere.example\r\nX: " + std::string(9'973, 'x') + "\r\n\r\n";
    const std::uint64_t before = support::peak_resident_octets(peer().program().id());
    support::raw_connection client(peer().client());
    std::thread writer([&] {
        for (int i = 0; i < requests; ++i) {
            client.send(request);
        }
        client.finish_sending();
    });
    const std::string answers = client.read_to_end();
    writer.join();
    std::size_t count = 0;
    for (std::size_t at = 0; (at = answers.find("HTTP/1.1 421", at)) != std::string::npos; ++at) {
        ++count;
    }
    EXPECT_EQ(count, std::size_t{requests});
    if (!support::sanitized) {
        EXPECT_LT(support::peak_resident_octets(peer().program().id()) - before, growth_limit);
    }
}

}  // namespace
}  // namespace proxy
