#include "cache/store/recent_reads.hpp"

#include <gtest/gtest.h>

namespace cache {
namespace {

key_hash hash(char octet)
{
    key_hash filled{};
    filled.fill(octet);
    return filled;
}

TEST(RecentReadsTest, GivesThoseBelowAnIdOnceInOrder)
{
    recent_reads recent{10};
    recent.touch(3, hash('c'));
    recent.touch(1, hash('a'));
    recent.touch(1, hash('a'));
    recent.touch(9, hash('i'));
    const auto taken = recent.take_below(9);
    ASSERT_EQ(taken.size(), 2U);
    EXPECT_EQ(taken[0], (std::pair{object_id{1}, hash('a')}));
    EXPECT_EQ(taken[1].first, 3U);
    EXPECT_TRUE(recent.take_below(9).empty());
    EXPECT_EQ(recent.take_below(10).size(), 1U);
}

TEST(RecentReadsTest, ForgetsWhatWasNotReadForLongAndKeepsTheRest)
{
    recent_reads recent{4};
    recent.touch(1, hash('a'));
    for (object_id id = 2; id != 8; ++id) {
        recent.touch(id, hash('b'));
    }
    recent.touch(8, hash('c'));
    recent.touch(9, hash('c'));
    const auto taken = recent.take_below(100);
    EXPECT_LE(taken.size(), 8U);
    EXPECT_EQ(taken.front().first, 5U);
    EXPECT_EQ(taken.back().first, 9U);
}

TEST(MovedObjectsTest, FollowsAnObjectThatMovedTwice)
{
    moved_objects moved{10};
    moved.move(1, 5);
    moved.move(5, 9);
    EXPECT_EQ(moved.now(1), 9U);
    EXPECT_EQ(moved.now(5), 9U);
    EXPECT_EQ(moved.now(2), 2U);
}

TEST(MovedObjectsTest, IsBounded)
{
    moved_objects moved{2};
    for (object_id id = 1; id != 10; ++id) {
        moved.move(id, id + 100);
    }
    EXPECT_EQ(moved.now(1), 1U);
    EXPECT_EQ(moved.now(9), 109U);
}

}  // namespace
}  // namespace cache
