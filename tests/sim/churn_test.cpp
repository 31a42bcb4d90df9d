// That nodes come, go and lie as they are told to.

#include "tests/sim/world/churn.hpp"
#include "tests/sim/reef.hpp"
#include "tests/sim/world/hostile.hpp"

#include <gtest/gtest.h>

namespace sim {
namespace {

using namespace std::chrono_literals;

TEST(ChurnTest, JoinsAndLeavesComeAtTheirRatesAndTheSparedStay)
{
    world reef{1};
    populate(reef, 50);
    {
        const churn moving{reef, churn_of(reef, 20, 10)};
        reef.run_for(20min);
        EXPECT_NEAR(static_cast<double>(moving.joined()), 200, 50);
        EXPECT_NEAR(static_cast<double>(moving.left()), 200, 50);
        EXPECT_EQ(reef.size(), 50 + moving.joined());
    }
    for (std::size_t i = 0; i < 10; ++i) {
        EXPECT_TRUE(reef.is_up(i)) << i;
    }
    const std::size_t after = reef.size();
    reef.run_for(5min);
    EXPECT_EQ(reef.size(), after) << "it goes on after its end";
}

TEST(ChurnTest, WhoLeavesTakesBackWhatItAnnouncedAndWhoDiesDoesNot)
{
    for (const bool is_graceful : {true, false}) {
        world reef{2};
        populate(reef, 32);
        reef.announce(5, key_number(5), an_hour);
        reef.run_for(10s);
        ASSERT_FALSE(reef.get(20, key_number(5)).pointers.empty());
        if (is_graceful) {
            reef.leave(5);
        } else {
            reef.kill(5);
        }
        reef.run_for(3s);
        EXPECT_FALSE(reef.is_up(5));
        EXPECT_EQ(reef.get(20, key_number(5)).pointers.empty(), is_graceful);
    }
}

TEST(ChurnTest, SybilsAreBesideTheirKeyAndLive)
{
    world reef{3};
    populate(reef, 32);
    const dht::node_id key = key_number(0);
    for (const dht::endpoint& where : endpoints_beside(key, 4, 12)) {
        EXPECT_GE(common_prefix(dht::id_of(where), key), 12U);
        reef.add_node_at(where, {0}, one_level());
    }
    reef.run_for(30s);
    EXPECT_GE(reef.closest_to(key), 32U);
    reef.put(7, key, an_hour);
    EXPECT_FALSE(reef.at(reef.closest_to(key)).stored(key, reef.now()).empty());
}

}  // namespace
}  // namespace sim
