// Whatever an origin does, the client gets an error or a visibly broken body, never a wrong one
// that looks complete; and nothing of it is stored.

#include "tests/support/free_port.hpp"
#include "tests/support/raw_origin.hpp"
#include "tests/wire/process/one_peer.hpp"

namespace proxy {
namespace {

using ending = support::raw_connection::ending;
using then = support::raw_answer::then;

struct broken_case
{
    const char* name;
    unsigned status;  // 0: a broken body under the origin's own status
    std::string octets;
    then after = then::close;
};

std::vector<broken_case> broken_cases()
{
    const std::string ok = "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\n";
    const std::string chunked = ok + "Transfer-Encoding: chunked\r\n\r\n";
    return {
        {"nothing", 502, ""},
        {"reset", 502, "", then::reset},
        {"half a head", 502, "HTTP/1.1 200 OK\r\nContent-"},
        {"not HTTP", 502, "SSH-2.0-OpenSSH_9.2\r\n\r\n"},
        {"binary", 502, std::string("\x15\x03\x01\x00\x02\x02\x0a", 7)},
        {"status of two digits", 502, "HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n"},
        {"status below 100", 502, "HTTP/1.1 099 No\r\nContent-Length: 0\r\n\r\n"},
        {"two lengths", 502, ok + "Content-Length: 2\r\nContent-Length: 3\r\n\r\nabc"},
        {"length no number", 502, ok + "Content-Length: x\r\n\r\nabc"},
        {"unknown coding", 502, ok + "Transfer-Encoding: gzip\r\n\r\nabc"},
        {"blank before the colon", 502, ok + "Content-Length : 3\r\n\r\nabc"},
        {"folded field", 502, ok + "X: a\r\n b\r\nContent-Length: 3\r\n\r\nabc"},
        {"switched protocols", 502, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"},
        {"huge head", 502, ok + "X: " + std::string(200'000, 'x') + "\r\n\r\n"},
        {"only interim answers", 502, "HTTP/1.1 103 Early Hints\r\n\r\n"},
        {"shorter than its length", 0, ok + "Content-Length: 10\r\n\r\nabc"},
        {"reset in the body", 0, ok + "Content-Length: 10\r\n\r\nabc", then::reset},
        {"no last chunk", 0, chunked + "3\r\nabc\r\n"},
        {"malformed chunk", 0, chunked + "3\r\nabc\r\nnonsense\r\n"},
        {"chunk cut short", 0, chunked + "a\r\nabc"},
        {"reset before the close", 0, ok + "Connection: close\r\n\r\nabc", then::reset},
    };
}

class BrokenOriginTest : public one_peer
{
protected:
    std::string get_request(const std::string& authority, std::string_view more) const
    {
        return std::string("GET http://")
            .append(authority)
            .append("/page ")
            .append(more)
            .append("Host: ")
            .append(authority)
            .append("\r\n\r\n");
    }
};

TEST_F(BrokenOriginTest, AnswerIsAnErrorOrVisiblyBroken)
{
    for (const broken_case& one : broken_cases()) {
        SCOPED_TRACE(one.name);
        support::raw_origin origin(support::always({one.octets, one.after}));
        for (int round = 0; round < 2; ++round) {
            const std::size_t before = origin.connections();
            const support::http_client::result answer = get(origin.authority(), "/page");
            if (one.status != 0) {
                ASSERT_TRUE(answer.has_value()) << answer.error().message();
                EXPECT_EQ(answer->status, one.status);
                EXPECT_NE(answer->field("Proxy-Status").find("error="), std::string::npos);
            } else {
                EXPECT_FALSE(answer.has_value()) << answer->body;
            }
            EXPECT_GT(origin.connections(), before) << "it was stored";
        }
    }
}

// An HTTP/1.0 client knows the end of a body without a length by the end of the connection alone.
TEST_F(BrokenOriginTest, BodyWithoutALengthIsResetForOldClients)
{
    for (const broken_case& one : broken_cases()) {
        if (one.status != 0 || one.octets.find("Content-Length") != std::string::npos) {
            continue;
        }
        for (const char* const method : {"GET", "POST"}) {
            SCOPED_TRACE(std::string(one.name) + " " + method);
            support::raw_origin origin(support::always({one.octets, one.after}));
            support::raw_connection client(peer().client());
            std::string request = get_request(origin.authority(), "HTTP/1.0\r\n");
            request.replace(0, 3, method);
            client.send(request);
            const std::string answer = client.read_to_end();
            EXPECT_TRUE(client.how_it_ended() == ending::reset || support::status_of(answer) == 502)
                << answer;
        }
    }
}

TEST_F(BrokenOriginTest, WholeBodyWithoutALengthEndsInOrderForOldClients)
{
    const std::string ok = "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\n";
    for (const std::string& rest :
        {std::string("Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"),
            std::string("Connection: close\r\n\r\nabc")}) {
        support::raw_origin origin(support::always({ok + rest, then::close}));
        support::raw_connection client(peer().client());
        client.send(get_request(origin.authority(), "HTTP/1.0\r\n"));
        EXPECT_TRUE(client.read_to_end().ends_with("\r\n\r\nabc"));
        EXPECT_EQ(client.how_it_ended(), ending::closed);
    }
}

TEST_F(BrokenOriginTest, RefusedConnectionIsABadGateway)
{
    const std::string nobody = "127.0.0.1:" + std::to_string(support::free_port());
    const support::http_client::result answer = get(nobody, "/");
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->status, 502U);
    EXPECT_NE(answer->field("Proxy-Status").find("connection_refused"), std::string::npos);
}

// 304 to a request without conditions: odd, but its framing must stay that of a 304.
TEST_F(BrokenOriginTest, NotModifiedThatNobodyAskedForHasNoLength)
{
    support::raw_origin origin(
        support::always({"HTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\n\r\n"}));
    const std::string answer =
        raw(get_request(origin.authority(), "HTTP/1.1\r\nConnection: close\r\n"));
    EXPECT_EQ(support::status_of(answer), 304U);
    EXPECT_EQ(answer.find("Content-Length"), std::string::npos) << answer;
}

// The rest that was asked for is shorter than its own Content-Range says.
TEST_F(BrokenOriginTest, ShortRestIsNotTakenForTheEnd)
{
    support::raw_origin origin([](std::string_view received) -> std::optional<support::raw_answer> {
        if (received.find("\r\n\r\n") == std::string_view::npos) {
            return std::nullopt;
        }
        if (received.find("Range: bytes=3-") == std::string_view::npos) {
            return support::raw_answer{
                "HTTP/1.1 200 OK\r\nETag: \"a\"\r\nCache-Control: max-age=60\r\nContent-Length: "
                "10\r\n\r\nabc",
                then::close};
        }
        return support::raw_answer{
            "HTTP/1.1 206 Partial Content\r\nETag: \"a\"\r\nContent-Range: bytes 3-9/10\r\n"
            "Content-Length: 2\r\n\r\nde"};
    });
    const support::http_client::result answer = get(origin.authority(), "/page");
    EXPECT_FALSE(answer.has_value()) << answer->body;
}

TEST_F(BrokenOriginTest, RestIsFetchedAndNobodyNotices)
{
    for (const bool ranges : {true, false}) {
        SCOPED_TRACE(ranges ? "with ranges" : "without");
        int asked = 0;
        support::raw_origin origin(
            [&](std::string_view received) -> std::optional<support::raw_answer> {
                const std::string ok =
                    "HTTP/1.1 200 OK\r\nETag: \"a\"\r\nCache-Control: max-age=60\r\n";
                if (received.find("\r\n\r\n") == std::string_view::npos) {
                    return std::nullopt;
                }
                if (asked++ == 0) {
                    return support::raw_answer{ok + "Content-Length: 10\r\n\r\nabc", then::close};
                }
                if (ranges) {
                    return support::raw_answer{
                        "HTTP/1.1 206 Partial Content\r\nETag: \"a\"\r\nContent-Range: bytes "
                        "3-9/10\r\nContent-Length: 7\r\n\r\ndefghij"};
                }
                return support::raw_answer{ok + "Content-Length: 10\r\n\r\nabcdefghij"};
            });
        const support::http_client::result answer = get(origin.authority(), "/page");
        ASSERT_TRUE(answer.has_value()) << answer.error().message();
        EXPECT_EQ(answer->body, "abcdefghij");
    }
}

}  // namespace
}  // namespace proxy
