#include "dht/core/envelope.hpp"

#include "tests/sim/world/seeded_random.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace dht {
namespace {

using namespace std::chrono_literals;

constexpr unix_time noon{1'800'000'000s};
constexpr std::chrono::seconds tolerance{60};

class EnvelopeTest : public ::testing::Test
{
protected:
    envelope with(const std::vector<swarm_key>& keys)
    {
        return {*swarm_ring::of(keys), tolerance, random};
    }

    static boost::system::result<envelope::opened, drop_reason> open(
        envelope& by, const std::string& sealed, unix_time now = noon)
    {
        return by.open(std::as_bytes(std::span{sealed}), now);
    }

    static std::string text_of(const envelope::opened& what)
    {
        return {reinterpret_cast<const char*>(what.datagram.data()), what.datagram.size()};
    }

    sim::seeded_random random{1};
    swarm_key first = swarm_key::of_new_swarm(random);
    swarm_key second = first.next(random);
    envelope sender = with({first});
    envelope receiver = with({second, first});
};

TEST_F(EnvelopeTest, OpensWhatAnyKeyOfTheRingHasSealed)
{
    const std::string sealed = sender.seal(direction::query, "d1:y1:qe", noon);
    EXPECT_EQ(sealed.size(), 8 + envelope::octets_added);
    EXPECT_EQ(envelope::octets_added, 46U);
    const auto opened = open(receiver, sealed);
    ASSERT_TRUE(opened.has_value());
    EXPECT_EQ(text_of(*opened), "d1:y1:qe");
    EXPECT_EQ(opened->which, direction::query);
    const std::string answer = receiver.seal(direction::answer, "d1:y1:re", noon);
    EXPECT_EQ(open(sender, answer).error(), drop_reason::unknown_key) << "sealed with the second";
    envelope both = with({first, second});
    EXPECT_EQ(open(both, answer)->which, direction::answer);
}

TEST_F(EnvelopeTest, HidesTheDatagramAndNeverLooksTheSameTwice)
{
    const std::string text = "d1:ad2:id20:aaaaaaaaaaaaaaaaaaaae1:y1:qe";
    const std::string one = sender.seal(direction::query, text, noon);
    const std::string other = sender.seal(direction::query, text, noon);
    EXPECT_EQ(one.substr(0, 2), (std::string{'\xc1', '\x00'}));
    EXPECT_NE(one.substr(2), other.substr(2));
    EXPECT_EQ(one.find("2:id"), std::string::npos);
}

TEST_F(EnvelopeTest, NothingThatWasAlteredOpens)
{
    const std::string sealed = sender.seal(direction::query, "d1:y1:qe", noon);
    for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
        std::string altered = sealed;
        altered[bit / 8] = static_cast<char>(altered[bit / 8] ^ 1 << bit % 8);
        EXPECT_TRUE(open(receiver, altered).has_error()) << bit;
    }
    for (std::size_t size = 0; size < sealed.size(); ++size) {
        EXPECT_TRUE(open(receiver, sealed.substr(0, size)).has_error()) << size;
    }
    EXPECT_TRUE(open(receiver, sealed + "x").has_error());
}

TEST_F(EnvelopeTest, SaysWhyItDoesNotOpen)
{
    const std::string sealed = sender.seal(direction::query, "d1:y1:qe", noon);
    EXPECT_EQ(open(receiver, "").error(), drop_reason::not_sealed);
    EXPECT_EQ(open(receiver, std::string(64, 'd')).error(), drop_reason::not_sealed);
    EXPECT_EQ(open(receiver, sealed.substr(0, 45)).error(), drop_reason::not_sealed);
    std::string altered = sealed;
    altered[1] = '\x10';  // bits that are always zero
    EXPECT_EQ(open(receiver, altered).error(), drop_reason::not_sealed);
    altered[1] = '\x05';
    EXPECT_EQ(open(receiver, altered).error(), drop_reason::unknown_key);
    altered[1] = '\x80';  // a query made an answer
    EXPECT_EQ(open(receiver, altered).error(), drop_reason::not_authentic);
    envelope stranger = with({swarm_key::of_new_swarm(random)});
    EXPECT_EQ(open(stranger, sealed).error(), drop_reason::not_authentic);
}

TEST_F(EnvelopeTest, ACopyIsAcceptedForAMinuteAndAClockMayBeOffAsMuch)
{
    const std::string sealed = sender.seal(direction::query, "d1:y1:qe", noon);
    EXPECT_TRUE(open(receiver, sealed, noon + 60s).has_value());
    EXPECT_TRUE(open(receiver, sealed, noon - 60s).has_value());
    EXPECT_EQ(open(receiver, sealed, noon + 61s).error(), drop_reason::wrong_time);
    EXPECT_EQ(open(receiver, sealed, noon - 61s).error(), drop_reason::wrong_time);
    EXPECT_EQ(open(receiver, sealed, noon + 24h * 365).error(), drop_reason::wrong_time);
}

TEST_F(EnvelopeTest, StillOpensWhenThirtyTwoBitsOfTimeBeginAgain)
{
    const unix_time end{std::chrono::seconds{0xffff'ffffLL}};
    const std::string sealed = sender.seal(direction::query, "d1:y1:qe", end);
    EXPECT_TRUE(open(receiver, sealed, end + 30s).has_value());
    EXPECT_EQ(open(receiver, sealed, end + 61s).error(), drop_reason::wrong_time);
}

}  // namespace
}  // namespace dht
