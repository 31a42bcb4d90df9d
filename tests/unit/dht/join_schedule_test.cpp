#include "dht/core/join_schedule.hpp"

#include "tests/sim/world/seeded_random.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace dht {
namespace {

using namespace std::chrono_literals;

constexpr time_point start{1h};
const endpoint door{boost::asio::ip::make_address("192.0.2.1"), 4128};

class JoinScheduleTest : public ::testing::Test
{
protected:
    sim::seeded_random random{1};
    join_schedule joining{config{}, random};
};

TEST_F(JoinScheduleTest, TriesAgainAtGrowingIntervalsUpToAMinute)
{
    joining.set_doors({door}, {}, start);
    EXPECT_EQ(joining.due(), start);
    for (const std::chrono::milliseconds interval : {1s, 2s, 4s, 8s, 16s, 32s, 60s, 60s}) {
        joining.started();
        EXPECT_FALSE(joining.due());
        joining.ended(0, start);
        EXPECT_GE(*joining.due(), start + interval);
        EXPECT_LE(*joining.due(), start + interval * 11 / 10);
    }
}

TEST_F(JoinScheduleTest, WithEnoughContactsItJoinsNowAndThen)
{
    joining.set_doors({door}, {}, start);
    joining.started();
    joining.ended(0, start);
    joining.started();
    joining.answered(door);
    joining.ended(3, start);
    EXPECT_GE(*joining.due(), start + 900s);
    joining.started();
    joining.ended(0, start);
    EXPECT_LE(*joining.due(), start + 1'100ms);
}

// Else the first nodes of a network whose seed did not hear them would be an island.
TEST_F(JoinScheduleTest, ContactsThatCameByThemselvesDoNotMakeUpForSilentSeeds)
{
    joining.set_doors({door}, {}, start);
    const endpoint stranger{door.address, 1};
    for (const std::chrono::milliseconds interval :
        {1s, 2s, 4s, 8s, 16s, 32s, 64s, 128s, 256s, 512s}) {
        joining.started();
        joining.answered(stranger);
        joining.ended(3, start);
        EXPECT_GE(*joining.due(), start + interval);
        EXPECT_LE(*joining.due(), start + interval * 11 / 10);
    }
    joining.started();
    joining.ended(3, start);
    EXPECT_LE(*joining.due(), start + 990s) << "its seeds may be gone for good";
}

TEST_F(JoinScheduleTest, WithoutSeedsContactsAreEnough)
{
    joining.set_doors({}, {}, start);
    joining.started();
    joining.ended(3, start);
    EXPECT_GE(*joining.due(), start + 900s);
}

TEST_F(JoinScheduleTest, LosingContactsBringsTheNextJoinForward)
{
    joining.set_doors({door}, {}, start);
    joining.ended(3, start);
    joining.contact_lost(3, start);
    EXPECT_GE(*joining.due(), start + 900s);
    joining.contact_lost(2, start);
    EXPECT_LE(*joining.due(), start + 1'100ms);
    joining.started();
    joining.contact_lost(0, start);
    EXPECT_FALSE(joining.due());
}

TEST_F(JoinScheduleTest, AloneItLooksRoundNowAndThen)
{
    joining.set_doors({}, {}, start);
    joining.nobody_to_ask(start);
    EXPECT_EQ(joining.due(), start + 900s);
}

TEST_F(JoinScheduleTest, RemembersNoMoreThanItsLimitBesidesTheSeeds)
{
    joining.set_doors({door}, std::vector<endpoint>(1'000, door), start);
    EXPECT_EQ(joining.doors().size(), 65U);
    EXPECT_EQ(joining.doors()[0].id, id_of(door));
}

}  // namespace
}  // namespace dht
