#include "dht/core/datagram_gate.hpp"

#include "dht/core/encoder.hpp"
#include "tests/sim/world/seeded_random.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace dht {
namespace {

using namespace std::chrono_literals;

class DatagramGateTest : public ::testing::Test
{
protected:
    static message ping()
    {
        message what;
        what.transaction = "abcd";
        auto& asked = what.body.emplace<query>();
        asked.network = tag_of("atoll");
        asked.method = ping_query{};
        return what;
    }

    static config with_key(const swarm_key& key)
    {
        config settings;
        settings.swarm = *swarm_ring::of({key});
        return settings;
    }

    static auto enter(datagram_gate& by, const std::string& octets, time_point when)
    {
        return by.enter(std::as_bytes(std::span{octets}), when);
    }

    sim::seeded_random random{1};
    time_point now{1h};
    datagram_gate open{config{}, random};
    swarm_key key = swarm_key::of_new_swarm(random);
    datagram_gate closed{with_key(key), random};
    datagram_gate other{with_key(key), random};
};

TEST_F(DatagramGateTest, WithoutAKeyAMessagePassesAsItIs)
{
    EXPECT_FALSE(open.is_closed());
    const std::string octets = open.leave(ping(), now);
    EXPECT_EQ(octets, encode(ping(), config{}.padded_query_octets));
    const auto entered = enter(open, octets, now);
    ASSERT_TRUE(entered.has_value());
    EXPECT_EQ(entered->what.transaction, "abcd");
    EXPECT_EQ(enter(open, closed.leave(ping(), now), now).error(), drop_reason::malformed);
}

TEST_F(DatagramGateTest, WithAKeyOnlySealedMessagesPassAndTheirOwnSizeCounts)
{
    EXPECT_TRUE(closed.is_closed());
    const std::string plain = open.leave(ping(), now);
    const std::string sealed = other.leave(ping(), now);
    EXPECT_EQ(sealed.size(), plain.size() + envelope::octets_added);
    const auto entered = enter(closed, sealed, now);
    ASSERT_TRUE(entered.has_value());
    EXPECT_EQ(entered->octets, plain.size());
    EXPECT_EQ(enter(closed, plain, now).error(), drop_reason::not_sealed);
    EXPECT_EQ(enter(closed, other.leave(direction::query, "d1:x", now), now).error(),
        drop_reason::malformed);
}

TEST_F(DatagramGateTest, AQueryThatIsSealedAsAnAnswerIsNotUsed)
{
    const std::string plain = open.leave(ping(), now);
    const std::string sealed = other.leave(direction::answer, plain, now);
    EXPECT_EQ(enter(closed, sealed, now).error(), drop_reason::misdirected);
}

TEST_F(DatagramGateTest, TheLimitOfADatagramHoldsForTheEnvelopeToo)
{
    const std::size_t most = config{}.datagram_octets;
    const std::string fits =
        other.leave(direction::query, std::string(most - envelope::octets_added, 'x'), now);
    EXPECT_EQ(fits.size(), most);
    EXPECT_EQ(enter(closed, fits, now).error(), drop_reason::malformed) << "opened, and no message";
    const std::string larger =
        other.leave(direction::query, std::string(most - envelope::octets_added + 1, 'x'), now);
    EXPECT_EQ(enter(closed, larger, now).error(), drop_reason::malformed);
    EXPECT_EQ(enter(open, std::string(most + 1, 'x'), now).error(), drop_reason::malformed);
}

TEST_F(DatagramGateTest, ClocksOfTheDriversNeedNotAgreeOnceTheTimeIsSaid)
{
    const std::chrono::system_clock::time_point noon{1'800'000'000s};
    const time_point elsewhere{77h};
    closed.set_unix_time(noon, now);
    other.set_unix_time(noon + 59s, elsewhere);
    EXPECT_TRUE(enter(closed, other.leave(ping(), elsewhere), now).has_value());
    EXPECT_TRUE(enter(other, closed.leave(ping(), now + 30s), elsewhere + 30s).has_value());
    other.set_unix_time(noon + 62s, elsewhere);
    EXPECT_EQ(enter(closed, other.leave(ping(), elsewhere), now).error(), drop_reason::wrong_time);
    closed.set_unix_time(noon + 62s, now);
    EXPECT_TRUE(enter(closed, other.leave(ping(), elsewhere), now).has_value()) << "set right";
}

}  // namespace
}  // namespace dht
