#include "cache/store/pending_objects.hpp"

#include "cache/store/errc.hpp"
#include "cache/store/record_codec.hpp"

#include <gtest/gtest.h>

#include <string>

namespace cache {
namespace {

using action = pending_objects::action;

class PendingObjectsTest : public testing::Test
{
protected:
    PendingObjectsTest() { pending_.open(1).value(); }

    const std::string full_ = std::string(body_chunk_octets, 'x');
    pending_objects pending_{2, 10 * body_chunk_octets};
};

TEST_F(PendingObjectsTest, HoldsASmallBodyBack)
{
    EXPECT_EQ(pending_.stage(1, 0, std::string(max_inline_body_octets, 'a')).value(), action::hold);
    EXPECT_EQ(pending_.held_chunk(1, 0)->size(), max_inline_body_octets);
    EXPECT_EQ(pending_.finish(1)->inline_body->size(), max_inline_body_octets);
    EXPECT_FALSE(pending_.close(1));
}

TEST_F(PendingObjectsTest, HasALargerOneWritten)
{
    EXPECT_EQ(
        pending_.stage(1, 0, std::string(max_inline_body_octets + 1, 'a')).value(), action::write);
    pending_.written(1);
    EXPECT_FALSE(pending_.finish(1)->inline_body);
    EXPECT_EQ(pending_.finish(1)->body_octets, max_inline_body_octets + 1);
    EXPECT_TRUE(pending_.close(1));
}

TEST_F(PendingObjectsTest, TakesNoChunkIsASmallBody)
{
    EXPECT_EQ(pending_.finish(1)->inline_body, "");
}

TEST_F(PendingObjectsTest, RefusesChunksOutOfOrderAndEverythingAfter)
{
    EXPECT_EQ(pending_.stage(1, 1, full_).error(), store_errc::out_of_order);
    EXPECT_EQ(pending_.stage(1, 0, full_).error(), store_errc::wrong_length);
    EXPECT_EQ(pending_.finish(1).error(), store_errc::wrong_length);
}

TEST_F(PendingObjectsTest, RefusesAChunkBehindAShortOneAnEmptyOneAndOneTooLong)
{
    pending_.stage(1, 0, std::string("short")).value();
    EXPECT_EQ(pending_.stage(1, 1, full_).error(), store_errc::out_of_order);
    pending_.open(2).value();
    EXPECT_EQ(pending_.stage(2, 0, std::string{}).error(), store_errc::out_of_order);
    pending_.close(2);
    pending_.open(2).value();
    EXPECT_EQ(pending_.stage(2, 0, full_ + "x").error(), store_errc::out_of_order);
}

TEST_F(PendingObjectsTest, DoesNotFinishWhatWasNotWritten)
{
    pending_.stage(1, 0, full_).value();
    EXPECT_EQ(pending_.finish(1).error(), store_errc::wrong_length);
    EXPECT_EQ(pending_.stage(1, 1, full_).error(), store_errc::wrong_length);
}

TEST_F(PendingObjectsTest, RefusesMoreWritersAndLargerObjectsThanItsLimits)
{
    pending_.open(2).value();
    EXPECT_EQ(pending_.open(3).error(), store_errc::too_many_writers);
    for (std::uint64_t index = 0; index != 10; ++index) {
        pending_.stage(1, index, full_).value();
        pending_.written(1);
    }
    EXPECT_EQ(pending_.stage(1, 10, full_).error(), store_errc::object_too_large);
}

TEST_F(PendingObjectsTest, FailsAllThatAreOpen)
{
    pending_.fail_all();
    EXPECT_EQ(pending_.stage(1, 0, full_).error(), store_errc::wrong_length);
    pending_.open(2).value();
    EXPECT_TRUE(pending_.stage(2, 0, full_));
}

TEST_F(PendingObjectsTest, KnowsNothingOfWhatIsClosed)
{
    EXPECT_TRUE(pending_.contains(1));
    pending_.close(1);
    EXPECT_FALSE(pending_.contains(1));
    EXPECT_EQ(pending_.stage(1, 0, full_).error(), store_errc::not_found);
    EXPECT_EQ(pending_.finish(1).error(), store_errc::not_found);
    EXPECT_EQ(pending_.held_chunk(1, 0), std::nullopt);
}

}  // namespace
}  // namespace cache
