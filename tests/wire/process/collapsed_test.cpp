// Clients that wait for the same answer, and what becomes of them when it is for one of them alone.

#include "tests/support/raw_origin.hpp"
#include "tests/wire/process/one_peer.hpp"

#include <atomic>
#include <chrono>
#include <thread>

namespace proxy {
namespace {

using then = support::raw_answer::then;

constexpr std::size_t body_octets = 16 << 20;

// Below what a slow reader may cost the others at all (flight::limits).
constexpr std::chrono::seconds prompt{4};

class CollapsedTest : public one_peer
{
};

TEST_F(CollapsedTest, WhoGoesItsOwnWayHoldsUpNobody)
{
    const std::string body(body_octets, 'x');
    std::atomic<int> asked = 0;
    support::raw_origin origin([&](std::string_view) -> std::optional<support::raw_answer> {
        if (asked++ == 0) {
            // Time for the second client to join those who wait for the head.
            std::this_thread::sleep_for(std::chrono::milliseconds(500));
        }
        return support::raw_answer{
            "HTTP/1.1 200 OK\r\nCache-Control: no-store\r\nContent-Length: " +
                std::to_string(body_octets) + "\r\n\r\n" + body,
            then::go_on};
    });
    const std::string request = "GET http://" + origin.authority() +
                                "/page HTTP/1.1\r\nHost: " + origin.authority() + "\r\n\r\n";
    support::raw_connection first(peer().client(), prompt);
    first.send(request);
    support::raw_connection second(peer().client());
    second.send(request);  // and never reads
    std::string answer = first.read_until("\r\n\r\n");
    const std::size_t whole = answer.find("\r\n\r\n") + 4 + body_octets;
    while (answer.size() < whole) {
        const std::string more = first.read_until("x");
        if (more.empty()) {
            break;
        }
        answer += more;
    }
    EXPECT_EQ(answer.size(), whole);
    EXPECT_EQ(origin.connections(), 2U);
}

}  // namespace
}  // namespace proxy
