#include "dht/core/sloppy_walk.hpp"

#include "tests/sim/world/seeded_random.hpp"

#include <gtest/gtest.h>

#include <set>
#include <vector>

namespace dht {
namespace {

// IDs of four bits, as in the worked example of Coral's authors.
node_id small_id(unsigned number)
{
    node_id::array octets{};
    octets[0] = static_cast<std::uint8_t>(number << 4);
    return node_id{octets};
}

contact small(unsigned number)
{
    contact who;
    who.id = small_id(number);
    who.at = {boost::asio::ip::address_v4{0x0a000000U + number}, 4128};
    return who;
}

class SloppyWalkTest : public ::testing::Test
{
protected:
    sim::seeded_random random{3};
    config settings;
};

// From 14 towards 4, knowing 0 and 13: 13 gains no bit, so 0 comes first. It names 4, 5 and 7; the
// walk does not always jump to 4, as a greedy one would.
TEST_F(SloppyWalkTest, StepsToANodeThatGainsABitAndNotAlwaysToTheClosest)
{
    std::set<node_id> second_steps;
    for (int i = 0; i < 50; ++i) {
        sloppy_walk walk{small_id(14), small_id(4), settings, {small(0), small(13)}};
        const auto first = walk.next(random);
        ASSERT_TRUE(first);
        EXPECT_EQ(first->id, small_id(0));
        EXPECT_FALSE(walk.next(random)) << "one query at a time";
        walk.answered(*first, {small(4), small(5), small(7)});
        const auto second = walk.next(random);
        ASSERT_TRUE(second);
        second_steps.insert(second->id);
    }
    EXPECT_EQ(second_steps, (std::set{small_id(4), small_id(5), small_id(7)}));
}

// The same example for a put, which takes short steps: over 5 or 7, never from 0 to 4 at once, and
// to 4 in the end.
TEST_F(SloppyWalkTest, APutDoesNotJumpToTheClosestAlthoughItIsKnown)
{
    const std::vector<contact> named{small(4), small(5), small(7)};
    std::set<node_id> second_steps;
    for (int i = 0; i < 50; ++i) {
        sloppy_walk walk{small_id(14), small_id(4), settings, {small(0), small(13)}};
        walk.shorten_steps(settings.put_step_bits);
        const auto first = walk.next(random);
        ASSERT_TRUE(first);
        EXPECT_EQ(first->id, small_id(0));
        walk.answered(*first, named);
        const auto second = walk.next(random);
        ASSERT_TRUE(second);
        second_steps.insert(second->id);
        std::optional<contact> last = second;
        while (last && last->id != small_id(4)) {
            walk.answered(*last, named);
            last = walk.next(random);
        }
        EXPECT_TRUE(last) << "4 was not reached";
    }
    EXPECT_EQ(second_steps, (std::set{small_id(5), small_id(7)}));
}

// Also from 14 towards 4: whoever gains a bit may be first, which spreads the walks of one node.
// 13 gains none.
TEST_F(SloppyWalkTest, TheFirstStepIsAnyThatGainsABit)
{
    std::set<node_id> first_steps;
    for (int i = 0; i < 100; ++i) {
        sloppy_walk walk{
            small_id(14), small_id(4), settings, {small(0), small(2), small(3), small(13)}};
        first_steps.insert(walk.next(random)->id);
    }
    EXPECT_EQ(first_steps, (std::set{small_id(0), small_id(2), small_id(3)}));
}

// Towards 0 from 15: 8, 4, 2 and 1 share none, one, two and three of four bits with it.
TEST_F(SloppyWalkTest, ShortStepsDoNotPassByTheNodesOnTheWay)
{
    for (const unsigned bits : {0U, 1U, 2U}) {
        std::set<node_id> first_steps;
        for (int i = 0; i < 50; ++i) {
            sloppy_walk walk{
                small_id(15), small_id(0), settings, {small(8), small(4), small(2), small(1)}};
            walk.shorten_steps(bits);
            first_steps.insert(walk.next(random)->id);
        }
        std::set<node_id> expected{small_id(4)};
        if (bits >= 1) {
            expected.insert(small_id(2));
        }
        if (bits >= 2) {
            expected.insert(small_id(1));
        }
        EXPECT_EQ(first_steps, expected) << bits;
    }
}

// Of 64 nodes the third closest is 12 away by chance's measure: nothing to wonder at.
TEST_F(SloppyWalkTest, AsksAsManyMoreAsHaveFailedUpToTwo)
{
    std::vector<contact> others;
    for (unsigned i = 1; i < 8; ++i) {
        others.push_back(small(i));
    }
    sloppy_walk walk{small_id(0), small_id(0), settings, others};
    walk.mistrust(64);
    EXPECT_EQ(walk.more_at_end(), 0U);
    for (std::size_t failures = 1; failures <= 3; ++failures) {
        walk.failed(small(static_cast<unsigned>(failures)).at);
        EXPECT_EQ(walk.more_at_end(), std::min<std::size_t>(failures, 2));
    }
}

TEST_F(SloppyWalkTest, WhereTheClosestAreTooCloseToBeThereByChanceAllOfTheRegionAreAsked)
{
    std::vector<contact> others;
    for (unsigned i = 1; i < 10; ++i) {
        others.push_back(small(i));
    }
    for (const auto& [size, more] : {std::pair{16.0, 0U}, {0.9, 6U}}) {
        sloppy_walk walk{small_id(0), small_id(0), settings, others};
        EXPECT_EQ(walk.more_at_end(), 0U) << "who trusts does not look";
        walk.mistrust(size);
        EXPECT_EQ(walk.more_at_end(), more) << size;
        std::size_t asked = 0;
        while (walk.next(random)) {
            ++asked;
        }
        EXPECT_EQ(asked, 3 + more);
    }
}

TEST_F(SloppyWalkTest, EndsAtTheClosestFewAskedTogether)
{
    sloppy_walk walk{small_id(4), small_id(4), settings, {small(5), small(6), small(7), small(0)}};
    std::vector<contact> asked;
    while (const auto who = walk.next(random)) {
        asked.push_back(*who);
    }
    ASSERT_EQ(asked.size(), 3U);
    EXPECT_EQ(asked[0].id, small_id(5));
    EXPECT_EQ(asked[2].id, small_id(7));
    EXPECT_FALSE(walk.is_finished());
    for (const contact& who : asked) {
        walk.answered(who, {});
    }
    EXPECT_TRUE(walk.is_finished());
    EXPECT_EQ(walk.answers(), 3U);
}

TEST_F(SloppyWalkTest, ACloserNodeFoundAtTheEndIsAskedToo)
{
    sloppy_walk walk{small_id(14), small_id(4), settings, {small(8)}};
    const auto first = walk.next(random);
    ASSERT_TRUE(first);
    walk.answered(*first, {small(5)});
    const auto second = walk.next(random);
    ASSERT_TRUE(second);
    EXPECT_EQ(second->id, small_id(5));
}

TEST_F(SloppyWalkTest, GoesAroundAnOverdueNode)
{
    sloppy_walk walk{small_id(14), small_id(4), settings, {small(0), small(1)}};
    const auto first = walk.next(random);
    EXPECT_FALSE(walk.next(random));
    walk.overdue(first->at);
    const auto second = walk.next(random);
    ASSERT_TRUE(second);
    EXPECT_NE(second->id, first->id);
    walk.failed(first->at);
    walk.failed(second->at);
    EXPECT_TRUE(walk.is_finished());
}

TEST_F(SloppyWalkTest, StopsWhenItIsTold)
{
    sloppy_walk walk{small_id(14), small_id(4), settings, {small(0), small(1)}};
    walk.next(random);
    walk.stop();
    EXPECT_TRUE(walk.is_finished());
    EXPECT_FALSE(walk.next(random));
}

TEST_F(SloppyWalkTest, AsksNoMoreThanItsLimit)
{
    settings.queries_per_walk = 2;
    sloppy_walk walk{small_id(14), small_id(4), settings, {small(0), small(1), small(2)}};
    for (int i = 0; i < 2; ++i) {
        walk.failed(walk.next(random)->at);
    }
    EXPECT_FALSE(walk.next(random));
    EXPECT_TRUE(walk.is_finished());
}

// 14 looks for 4 and has come to 5 in its cluster. At the wider level 8 is no gain: 5 is asked
// there.
TEST_F(SloppyWalkTest, GoesOnAtAWiderLevelFromThePointReached)
{
    sloppy_walk walk{small_id(14), small_id(4), settings, {small(5)}};
    const auto first = walk.next(random);
    ASSERT_TRUE(first);
    walk.answered(*first, {});
    ASSERT_TRUE(walk.is_finished());
    walk.go_on({small(8), small(9)}, false);
    EXPECT_FALSE(walk.is_finished());
    const auto second = walk.next(random);
    ASSERT_TRUE(second);
    EXPECT_EQ(second->id, small_id(5));
    walk.answered(*second, {small(4)});
    const auto third = walk.next(random);
    ASSERT_TRUE(third);
    EXPECT_EQ(third->id, small_id(4));
    EXPECT_EQ(walk.answers(), 2U);
    EXPECT_EQ(walk.queries(), 3U);
}

// The same, but 5 has named 4 in its answer to the first question.
TEST_F(SloppyWalkTest, AsksNobodyTwiceWhoHasAnsweredForTheWiderLevel)
{
    sloppy_walk walk{small_id(14), small_id(4), settings, {small(5)}};
    walk.answered(*walk.next(random), {});
    walk.go_on({small(4), small(8)}, true);
    const auto next = walk.next(random);
    ASSERT_TRUE(next);
    EXPECT_EQ(next->id, small_id(4));
}

}  // namespace
}  // namespace dht
