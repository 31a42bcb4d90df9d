// An origin's answer that ends at any octet before its last is never stored as complete and never
// looks complete to the client (RFC 9112, section 8; RFC 9111, section 3.3).

#include "tests/support/raw_origin.hpp"
#include "tests/wire/process/one_peer.hpp"

namespace proxy {
namespace {

using then = support::raw_answer::then;

struct framing_case
{
    const char* name;
    std::string octets;  // the whole answer
    bool ends_by_close = false;
};

std::vector<framing_case> framings()
{
    const std::string ok = "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nETag: \"a\"\r\n";
    return {
        {"length", ok + "Content-Length: 10\r\n\r\n0123456789"},
        {"chunked",
            ok + "Transfer-Encoding: chunked\r\n\r\n3;a=b\r\n012\r\n7\r\n3456789\r\n0\r\nX: "
                 "y\r\n\r\n"},
        {"until close", ok + "Connection: close\r\n\r\n0123456789", true},
        {"part",
            "HTTP/1.1 206 Partial Content\r\nCache-Control: max-age=60\r\nETag: \"a\"\r\n"
            "Content-Range: bytes 0-9/10\r\nContent-Length: 10\r\n\r\n0123456789"},
    };
}

class CutAnswerTest : public one_peer
{
protected:
    // The origin sends so many octets of the answer for "/<octets>".
    static std::optional<support::raw_answer> cut(
        const framing_case& one, std::string_view received, then after)
    {
        if (received.find("\r\n\r\n") == std::string_view::npos) {
            return std::nullopt;
        }
        const std::size_t octets = std::stoul(std::string(received.substr(received.find('/') + 1)));
        return support::raw_answer{one.octets.substr(0, octets), after};
    }

    support::http_client::result ask(
        const support::raw_origin& origin, const std::string& path, bool for_part)
    {
        support::http_request request = support::forward_request(origin.authority(), path);
        if (for_part) {
            request.fields.emplace_back("Range", "bytes=0-9");
        }
        return support::http_client(peer().client()).exchange(request);
    }
};

TEST_F(CutAnswerTest, IsNeverTakenForWhole)
{
    for (const framing_case& one : framings()) {
        for (const then after : {then::close, then::reset}) {
            const std::size_t head = one.octets.find("\r\n\r\n") + 4;
            support::raw_origin origin(
                [&](std::string_view received) { return cut(one, received, after); });
            for (std::size_t octets = 0; octets != one.octets.size(); ++octets) {
                // Nobody can tell where such a body ends in order.
                if (one.ends_by_close && after == then::close && octets >= head) {
                    continue;
                }
                const std::string path = "/" + std::to_string(octets);
                for (int round = 0; round != 2; ++round) {
                    const std::size_t before = origin.connections();
                    const auto answer = ask(origin, path, one.octets.starts_with("HTTP/1.1 206"));
                    EXPECT_TRUE(!answer || answer->status == 502)
                        << one.name << " cut at " << octets << ": " << answer->body;
                    EXPECT_GT(origin.connections(), before)
                        << one.name << " cut at " << octets << " was stored";
                }
            }
        }
    }
}

TEST_F(CutAnswerTest, WholeOneIsStored)  // or the test above would prove nothing
{
    for (const framing_case& one : framings()) {
        support::raw_origin origin(
            [&](std::string_view received) { return cut(one, received, then::close); });
        for (int round = 0; round != 2; ++round) {
            const auto answer = ask(origin,
                "/" + std::to_string(one.octets.size()),
                one.octets.starts_with("HTTP/1.1 206"));
            ASSERT_TRUE(answer) << one.name;
            EXPECT_EQ(answer->body, "0123456789") << one.name;
        }
        EXPECT_EQ(origin.connections(), 1U) << one.name;
    }
}

}  // namespace
}  // namespace proxy
