#include "dht/core/busy_keys.hpp"

#include <gtest/gtest.h>

#include <string>

namespace dht {
namespace {

using namespace std::chrono_literals;

node_id key_number(int number)
{
    return index_key("test", std::to_string(number), "");
}

class BusyKeysTest : public ::testing::Test
{
protected:
    void ask(int key, int times, time_point now)
    {
        for (int i = 0; i < times; ++i) {
            busy.count(key_number(key), now);
        }
    }

    busy_keys busy;
    time_point minute{1h};  // its beginning
};

TEST_F(BusyKeysTest, TellsTheLastWholeMinuteTheBusiestFirst)
{
    ask(1, 3, minute);
    ask(2, 7, minute + 59s);
    ask(3, 5, minute + 30s);
    EXPECT_TRUE(busy.busiest(2, minute + 59s).empty()) << "this minute is not whole";
    const auto told = busy.busiest(2, minute + 60s);
    ASSERT_EQ(told.size(), 2U);
    EXPECT_EQ(told[0].key, key_number(2));
    EXPECT_EQ(told[0].requests, 7U);
    EXPECT_EQ(told[1].key, key_number(3));
    ask(1, 100, minute + 60s);
    EXPECT_EQ(busy.busiest(2, minute + 61s)[0].requests, 7U);
    EXPECT_EQ(busy.busiest(2, minute + 120s)[0].requests, 100U);
}

TEST_F(BusyKeysTest, AfterAQuietMinuteThereIsNothingToTell)
{
    ask(1, 3, minute);
    EXPECT_TRUE(busy.busiest(1, minute + 120s).empty());
    ask(2, 4, minute + 121s);
    EXPECT_TRUE(busy.busiest(1, minute + 121s).empty());
}

// A hundred requests for one among a thousand for others that are never asked for again.
TEST_F(BusyKeysTest, FindsABusyKeyAmongMoreThanItHasRoomFor)
{
    for (int i = 0; i < 1'000; ++i) {
        ask(1'000 + i, 1, minute);
        ask(1, i % 10 == 0 ? 1 : 0, minute);
    }
    const auto told = busy.busiest(busy_keys::room + 1, minute + 60s);
    ASSERT_EQ(told.size(), std::size_t{busy_keys::room});
    EXPECT_EQ(told[0].key, key_number(1));
    EXPECT_GE(told[0].requests, 100U);
    EXPECT_LE(told[0].requests, 100U + 1'100U / busy_keys::room);
}

}  // namespace
}  // namespace dht
