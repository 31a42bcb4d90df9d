#include "dht/core/absent_keys.hpp"

#include <gtest/gtest.h>

#include <string>

namespace dht {
namespace {

using namespace std::chrono_literals;

node_id key_number(int number)
{
    return index_key("test", std::to_string(number), "");
}

class AbsentKeysTest : public ::testing::Test
{
protected:
    config settings;
    time_point now{1h};
};

TEST_F(AbsentKeysTest, RemembersForSomeSecondsSinceTheLastSearch)
{
    absent_keys absent{settings};
    EXPECT_FALSE(absent.contains(key_number(1), now));
    absent.note(key_number(1), now);
    EXPECT_TRUE(absent.contains(key_number(1), now));
    EXPECT_FALSE(absent.contains(key_number(2), now));
    absent.note(key_number(1), now + 1s);
    EXPECT_TRUE(absent.contains(key_number(1), now + settings.absent_life));
    EXPECT_FALSE(absent.contains(key_number(1), now + settings.absent_life + 1s));
}

TEST_F(AbsentKeysTest, ForgetsTheOldestBeyondItsLimit)
{
    settings.absent_remembered = 3;
    absent_keys absent{settings};
    for (int i = 0; i < 5; ++i) {
        absent.note(key_number(i), now + i * 1ms);
    }
    EXPECT_EQ(absent.size(), 3U);
    for (int i = 0; i < 5; ++i) {
        EXPECT_EQ(absent.contains(key_number(i), now + 5ms), i >= 2) << i;
    }
}

// The older note of a key that was noted again takes nothing away with it.
TEST_F(AbsentKeysTest, KeepsAKeyWhoseOlderNoteEnds)
{
    absent_keys absent{settings};
    absent.note(key_number(1), now);
    absent.note(key_number(1), now + 1s);
    absent.note(key_number(2), now + settings.absent_life);
    EXPECT_TRUE(absent.contains(key_number(1), now + settings.absent_life));
    absent.note(key_number(3), now + 2 * settings.absent_life);
    EXPECT_EQ(absent.size(), 1U) << "what has ended is freed";
}

}  // namespace
}  // namespace dht
