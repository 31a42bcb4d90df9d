#include "proxy/net/flight.hpp"
#include "tests/support/run_coroutine.hpp"

#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace proxy {
namespace {

using kind = flight_reader::content::kind;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t window = 1'000;

class FlightTest : public testing::Test
{
protected:
    // With a head, by which its body is stored or not.
    std::shared_ptr<flight> begun(bool stored, milliseconds patience = milliseconds(20))
    {
        auto body = std::make_shared<flight>(flight::limits{window, window, patience});
        auto head = std::make_shared<flight_head>();
        head->stored = stored;
        body->publish_head(std::move(head));
        return body;
    }

    static void publish(flight& body, std::size_t octets)
    {
        body.publish(std::make_shared<const std::string>(octets, 'x'));
    }

    kind read(flight_reader& reader, milliseconds time = milliseconds(0))
    {
        flight_reader::content found;
        support::run_coroutine(context, read_into(reader, time, found));
        return found.what;
    }

    bool has_room(flight& body, milliseconds time = milliseconds(0))
    {
        bool room = false;
        support::run_coroutine(context, wait(body, time, room));
        return room;
    }

    boost::asio::io_context context;

private:
    static awaitable<void> read_into(
        flight_reader& reader, milliseconds time, flight_reader::content& found)
    {
        found = co_await reader.read(steady_clock::now() + time);
    }

    static awaitable<void> wait(flight& body, milliseconds time, bool& room)
    {
        const auto waker = std::make_shared<signal>(co_await asio::this_coro::executor);
        room = co_await body.wait_for_room(waker, steady_clock::now() + time);
    }
};

TEST_F(FlightTest, WaitsForASlowReaderThatIsAlone)
{
    const std::shared_ptr<flight> body = begun(false);
    flight_reader slow(body, context.get_executor());
    publish(*body, window + 1);
    EXPECT_FALSE(has_room(*body, milliseconds(100)));
    EXPECT_EQ(read(slow), kind::octets);
    EXPECT_TRUE(has_room(*body));
}

TEST_F(FlightTest, CutsLooseTheReaderThatKeepsAnotherWaiting)
{
    const std::shared_ptr<flight> body = begun(false);
    flight_reader slow(body, context.get_executor());
    flight_reader fast(body, context.get_executor());
    publish(*body, window + 1);
    EXPECT_EQ(read(fast), kind::octets);
    EXPECT_FALSE(has_room(*body, milliseconds(40))) << "nobody waits as long as that one writes";
    EXPECT_EQ(read(fast), kind::timed_out);
    EXPECT_TRUE(has_room(*body, milliseconds(20'000)));
    EXPECT_EQ(read(slow), kind::broken);
    publish(*body, window + 1);
    EXPECT_EQ(read(fast), kind::octets);
    EXPECT_TRUE(has_room(*body));
}

// A little now and then buys no more patience than it is worth.
TEST_F(FlightTest, CutsLooseTheReaderThatOnlyTrickles)
{
    const std::shared_ptr<flight> body = begun(false, milliseconds(500));
    flight_reader slow(body, context.get_executor());
    flight_reader fast(body, context.get_executor());
    int rounds = 0;
    for (kind last = kind::octets; last != kind::broken && rounds != 50; ++rounds) {
        while (has_room(*body)) {
            publish(*body, 10);
        }
        while (read(fast) == kind::octets) {
        }
        has_room(*body, milliseconds(100));
        last = read(slow);
    }
    EXPECT_LT(rounds, 50);
}

TEST_F(FlightTest, CutsNobodyLooseWhomTheStoreFeeds)
{
    const std::shared_ptr<flight> body = begun(true);
    flight_reader slow(body, context.get_executor());
    flight_reader fast(body, context.get_executor());
    publish(*body, 5 * window);
    body->written(7, 5 * window);
    EXPECT_EQ(read(slow), kind::in_store);
    fast.advance(5 * window);
    EXPECT_EQ(read(fast), kind::timed_out);
    EXPECT_TRUE(has_room(*body, milliseconds(40)));
    EXPECT_EQ(read(slow), kind::in_store);
    // The store takes no more: now they must keep together.
    body->writing_failed();
    EXPECT_TRUE(has_room(*body, milliseconds(20'000)));
    EXPECT_EQ(read(slow), kind::broken);
}

// Else it would be given a head and then the end of the body.
TEST_F(FlightTest, WhoComesAfterTheBeginningWasLetGoIsToldSo)
{
    const std::shared_ptr<flight> body = begun(true);
    body->writing_failed();  // before anything of it was written
    flight_reader first(body, context.get_executor());
    publish(*body, window);
    EXPECT_EQ(read(first), kind::octets);
    {
        const flight_reader second(body, context.get_executor());
        EXPECT_FALSE(second.too_late());
    }
    publish(*body, window);
    EXPECT_EQ(read(first), kind::octets);
    const flight_reader late(body, context.get_executor());
    EXPECT_TRUE(late.too_late());
}

TEST_F(FlightTest, IsBrokenInTheMomentInWhichItIsFoundUnwanted)
{
    const std::shared_ptr<flight> body = begun(true);
    EXPECT_FALSE(body->break_off_if_unwanted()) << "the store keeps it";
    body->writing_failed();
    EXPECT_FALSE(body->break_off_if_unwanted()) << "so far it is small enough for memory";
    publish(*body, window);
    publish(*body, window);
    {
        const flight_reader reader(body, context.get_executor());
        EXPECT_FALSE(body->break_off_if_unwanted()) << "it is read";
    }
    EXPECT_EQ(body->state(), flight_state::streaming);
    EXPECT_TRUE(body->break_off_if_unwanted());
    const flight_reader late(body, context.get_executor());
    EXPECT_TRUE(late.too_late());
}

TEST_F(FlightTest, InterimAnswersAreTakenOnceEachAndEndWithTheHead)
{
    flight body(flight::limits{window, window, milliseconds(20)});
    body.publish_interim({102, {}});
    body.publish_interim({103, {}});
    const auto source = std::shared_ptr<flight>(&body, [](flight*) {});
    flight_reader reader(source, context.get_executor());
    std::vector<unsigned> seen;
    const auto take = [&]() -> awaitable<void> {
        while (true) {
            const std::shared_ptr<const interim_head> next =
                co_await reader.wait_for_interim(steady_clock::now());
            if (!next) {
                co_return;
            }
            seen.push_back(next->status);
        }
    };
    support::run_coroutine(context, take());
    EXPECT_EQ(seen, (std::vector<unsigned>{102, 103}));
    body.fail(given_up);
    support::run_coroutine(context, take());
    EXPECT_EQ(seen.size(), 2U);
}

}  // namespace
}  // namespace proxy
