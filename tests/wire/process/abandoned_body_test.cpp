// What nobody waits for and nothing keeps is not fetched on.

#include "tests/support/eventually.hpp"
#include "tests/support/raw_origin.hpp"
#include "tests/wire/process/one_peer.hpp"

#include <thread>

namespace proxy {
namespace {

using then = support::raw_answer::then;

constexpr std::size_t sent_octets = 160 << 20;

std::size_t content_octets(std::string_view answer)
{
    return answer.size() - answer.find("\r\n\r\n") - 4;
}

class AbandonedBodyTest : public one_peer
{
protected:
    // More than the store takes of one object, with more to come that never comes.
    static std::string too_much()
    {
        return "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: "
               "1000000000\r\n\r\n" +
               std::string(sent_octets, 'x');
    }

    bool store_has_refused()
    {
        return support::eventually(
            [this] { return peer().metric("atoll_store_failures_total") != 0; });
    }

    // Until `octets` more have come, or none for the client's patience. How many did.
    static std::size_t read_on(support::raw_connection& client, std::size_t octets)
    {
        std::size_t read = 0;
        while (read < octets) {
            const std::size_t more = client.read_until("x").size();
            if (more == 0) {
                break;
            }
            read += more;
        }
        return read;
    }

    std::string request(const support::raw_origin& origin) const
    {
        return "GET http://" + origin.authority() +
               "/endless HTTP/1.1\r\nHost: " + origin.authority() + "\r\n\r\n";
    }
};

TEST_F(AbandonedBodyTest, IsGivenUpOnceTheStoreRefusesIt)
{
    support::raw_origin origin(support::always({too_much(), then::hold}));
    {
        support::raw_connection client(peer().client());
        client.send(request(origin));
        EXPECT_EQ(support::status_of(client.read_until("\r\n\r\nxxx")), 200U);
    }
    EXPECT_TRUE(origin.wait_for_ends(1));
}

// The part that only the store had stays there for the client that is behind, as long as it does
// not keep the other waiting for seconds: most of it is read before, so that it need not hurry.
TEST_F(AbandonedBodyTest, SlowClientGetsTheBeginningAfterTheStoreRefusedTheRest)
{
    support::raw_origin origin(support::always({too_much(), then::hold}));
    support::raw_connection slow(peer().client());
    slow.send(request(origin));
    std::size_t slow_octets = content_octets(slow.read_until("\r\n\r\n"));
    support::raw_connection fast(peer().client());
    fast.send(request(origin));
    std::size_t fast_octets = content_octets(fast.read_until("\r\n\r\n"));
    std::thread reader([&] { fast_octets += read_on(fast, sent_octets - fast_octets); });
    slow_octets += read_on(slow, (100 << 20) - slow_octets);
    EXPECT_TRUE(store_has_refused());
    slow_octets += read_on(slow, sent_octets - slow_octets);
    reader.join();
    EXPECT_EQ(slow_octets, sent_octets);
    EXPECT_EQ(fast_octets, sent_octets);
    EXPECT_EQ(origin.connections(), 1U);
}

TEST_F(AbandonedBodyTest, ClientThatTakesNothingDoesNotHoldUpTheOtherForLong)
{
    support::raw_origin origin(support::always({too_much(), then::hold}));
    support::raw_connection stuck(peer().client());
    stuck.send(request(origin));
    EXPECT_EQ(support::status_of(stuck.read_until("\r\n\r\n")), 200U);
    support::raw_connection fast(peer().client());
    fast.send(request(origin));
    std::size_t fast_octets = content_octets(fast.read_until("\r\n\r\n"));
    fast_octets += read_on(fast, sent_octets - fast_octets);
    EXPECT_EQ(fast_octets, sent_octets);
    EXPECT_EQ(origin.connections(), 1U);
    // Its connection is cut in the middle: what came does not look whole.
    stuck.read_to_end();
    EXPECT_NE(stuck.how_it_ended(), support::raw_connection::ending::open);
}

}  // namespace
}  // namespace proxy
