#include "dht/core/silent_nodes.hpp"

#include <gtest/gtest.h>

namespace dht {
namespace {

using namespace std::chrono_literals;

constexpr time_point start{1h};

endpoint number(std::uint32_t which)
{
    return {boost::asio::ip::address_v4{0x0a000000U + which}, 4128};
}

TEST(SilentNodesTest, IsAvoidedForLongerEachTimeUpToAQuarterOfAnHour)
{
    silent_nodes silent{config{}};
    EXPECT_FALSE(silent.is_avoided(number(1), start));
    time_point now = start;
    for (const std::chrono::seconds span : {60s, 120s, 240s, 480s, 900s, 900s}) {
        silent.failed(number(1), now);
        EXPECT_TRUE(silent.is_avoided(number(1), now + span - 1ms)) << span.count();
        EXPECT_FALSE(silent.is_avoided(number(1), now + span)) << span.count();
        now += span;
    }
    EXPECT_FALSE(silent.is_avoided(number(2), start));
}

TEST(SilentNodesTest, AnAnswerEndsItAtOnceAndFromTheBeginning)
{
    silent_nodes silent{config{}};
    silent.failed(number(1), start);
    silent.failed(number(1), start);
    silent.answered(number(1));
    EXPECT_FALSE(silent.is_avoided(number(1), start));
    silent.failed(number(1), start);
    EXPECT_FALSE(silent.is_avoided(number(1), start + 60s));
}

TEST(SilentNodesTest, WhereItIsFullTheOneThatMayBeAskedSoonestIsForgotten)
{
    config settings;
    settings.silent_remembered = 2;
    silent_nodes silent{settings};
    silent.failed(number(1), start);
    silent.failed(number(1), start);
    silent.failed(number(2), start);
    silent.failed(number(3), start + 1s);
    EXPECT_EQ(silent.size(), 2U);
    EXPECT_TRUE(silent.is_avoided(number(1), start + 1s));
    EXPECT_FALSE(silent.is_avoided(number(2), start + 1s));
    EXPECT_TRUE(silent.is_avoided(number(3), start + 1s));
}

}  // namespace
}  // namespace dht
