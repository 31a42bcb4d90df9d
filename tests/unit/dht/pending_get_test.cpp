#include "dht/net/pending_get.hpp"

#include <gtest/gtest.h>

#include <optional>

namespace dht {
namespace {

get_result with(std::size_t pointers, std::size_t queries)
{
    get_result result;
    result.pointers.resize(pointers);
    result.queries = queries;
    result.hops = queries;
    return result;
}

class PendingGetTest : public ::testing::Test
{
protected:
    pending_get begun(bool wants_all)
    {
        pending_get pending{wants_all, [this](get_result result) { told = std::move(result); }};
        pending.begun({0, 7});
        pending.begun({1, 7});
        return pending;
    }

    std::optional<get_result> told;
};

TEST_F(PendingGetTest, EndsWithTheFirstThatKnowsSomething)
{
    pending_get pending = begun(false);
    ASSERT_TRUE(pending.ended({1, 7}, with(2, 3)));
    EXPECT_EQ(pending.parts(), (std::vector<pending_get::part>{{0, 7}})) << "left to be cancelled";
    pending.tell();
    EXPECT_EQ(told->pointers.size(), 2U);
    EXPECT_EQ(told->queries, 3U);
}

TEST_F(PendingGetTest, WaitsForTheOtherWhereOneKnowsNothing)
{
    pending_get pending = begun(false);
    EXPECT_FALSE(pending.ended({0, 7}, with(0, 3)));
    ASSERT_TRUE(pending.ended({1, 7}, with(0, 4)));
    pending.tell();
    EXPECT_TRUE(told->pointers.empty());
    EXPECT_FALSE(told->timed_out);
    EXPECT_EQ(told->queries, 7U);
}

TEST_F(PendingGetTest, WhoWantsAllHearsBoth)
{
    pending_get pending = begun(true);
    EXPECT_FALSE(pending.ended({0, 7}, with(1, 3)));
    ASSERT_TRUE(pending.ended({1, 7}, with(2, 1)));
    pending.tell();
    EXPECT_EQ(told->pointers.size(), 3U);
}

// A table whose nodes are silent makes a get late, unless the other one knew something.
TEST_F(PendingGetTest, IsLateOnlyWithoutAResult)
{
    get_result late;
    late.timed_out = true;
    pending_get empty = begun(false);
    empty.ended({0, 7}, late);
    empty.ended({1, 7}, with(0, 1));
    empty.tell();
    EXPECT_TRUE(told->timed_out);
    pending_get full = begun(true);
    full.ended({0, 7}, late);
    full.ended({1, 7}, with(1, 1));
    full.tell();
    EXPECT_FALSE(told->timed_out);
}

}  // namespace
}  // namespace dht
