#include "dht/core/put_operation.hpp"

#include "tests/sim/world/seeded_random.hpp"

#include <gtest/gtest.h>

#include <variant>
#include <vector>

namespace dht {
namespace {

contact small(unsigned number)
{
    contact who;
    node_id::array octets{};
    octets[0] = static_cast<std::uint8_t>(number << 4);
    who.id = node_id{octets};
    who.at = {boost::asio::ip::address_v4{0x0a000000U + number}, 4128};
    return who;
}

const node_id key = small(0).id;

response probe_reply(bool full, bool loaded)
{
    response reply;
    reply.token = "8octets!";
    reply.sloppy.emplace();
    reply.sloppy->full = full;
    reply.sloppy->loaded = loaded;
    return reply;
}

class PutOperationTest : public ::testing::Test
{
protected:
    // This node is 15; the walk from it knows these.
    put_operation begin(const std::vector<contact>& start,
        value_store::condition here = {},
        std::vector<holder> before = {})
    {
        sloppy_walk walk{small(15).id, key, settings, start};
        return {small(15).id, std::move(walk), here, std::move(before), settings};
    }

    contact asked(put_operation& put)
    {
        const auto action = put.next(random);
        EXPECT_TRUE(action && std::holds_alternative<put_operation::ask>(*action));
        return std::get<put_operation::ask>(*action).who;
    }

    holder store_target(put_operation& put)
    {
        const auto action = put.next(random);
        EXPECT_TRUE(action && std::holds_alternative<put_operation::store_at>(*action));
        return std::get<put_operation::store_at>(*action).where;
    }

    bool stores_here(put_operation& put)
    {
        const auto action = put.next(random);
        return action && std::holds_alternative<put_operation::store_here>(*action);
    }

    sim::seeded_random random{1};
    config settings;
};

TEST_F(PutOperationTest, AFullAndLoadedStartEndsItWithoutAnyTraffic)
{
    put_operation put = begin({small(4)}, {true, true});
    EXPECT_FALSE(put.next(random));
    EXPECT_TRUE(put.is_finished());
    EXPECT_TRUE(put.holders().empty());
    EXPECT_EQ(put.queries(), 0U);
}

TEST_F(PutOperationTest, FullAloneOrLoadedAloneDoesNotStopIt)
{
    put_operation put = begin({small(4)}, {true, false});
    const contact first = asked(put);
    put.answered(first, probe_reply(true, false), {small(2)});
    const contact second = asked(put);
    EXPECT_EQ(second.id, small(2).id);
    put.answered(second, probe_reply(false, true), {small(1)});
    EXPECT_EQ(asked(put).id, small(1).id);
}

TEST_F(PutOperationTest, StoresAtTheClosestThreeWhereNobodyIsSaturated)
{
    put_operation put = begin({small(1), small(2), small(3)});
    // Whatever the order of the steps is, all three are asked.
    for (int i = 0; i < 3; ++i) {
        const contact who = asked(put);
        put.answered(who, probe_reply(false, false), {});
    }
    for (unsigned i = 1; i <= 3; ++i) {
        const holder where = store_target(put);
        EXPECT_EQ(where.who.id, small(i).id);
        put.store_answered(where, store_status::stored);
    }
    EXPECT_FALSE(put.next(random));
    EXPECT_TRUE(put.is_finished());
    EXPECT_EQ(put.holders().size(), 3U);
}

TEST_F(PutOperationTest, StopsAtASaturatedNodeAndStoresOnceBeforeIt)
{
    put_operation put = begin({small(4)});
    put.answered(asked(put), probe_reply(false, false), {small(1)});
    const contact saturated = asked(put);
    EXPECT_EQ(saturated.id, small(1).id);
    put.answered(saturated, probe_reply(true, true), {small(0)});
    const holder where = store_target(put);
    EXPECT_EQ(where.who.id, small(4).id);
    EXPECT_FALSE(put.next(random));
    EXPECT_FALSE(put.is_finished());
    put.store_answered(where, store_status::stored);
    EXPECT_TRUE(put.is_finished());
}

// In a network of 16, 1 is where one node is expected; in one of 3 it is closer than chance puts
// it. It may have been put there to turn puts away.
TEST_F(PutOperationTest, ANodeTooCloseToBeTrueDoesNotStopIt)
{
    for (const double size : {16.0, 3.0}) {
        sloppy_walk walk{small(15).id, key, settings, {small(1)}};
        walk.mistrust(size);
        put_operation put{small(15).id, std::move(walk), {}, {}, settings};
        put.answered(asked(put), probe_reply(true, true), {small(2)});
        const auto next = put.next(random);
        ASSERT_TRUE(next);
        EXPECT_EQ(std::holds_alternative<put_operation::ask>(*next), size < 16);
        EXPECT_EQ(put.is_saturated(), size == 16);
    }
}

TEST_F(PutOperationTest, GoesBackOneStepAtEachRefusalDownToThisNode)
{
    put_operation put = begin({small(4)});
    put.answered(asked(put), probe_reply(true, false), {small(1)});
    put.answered(asked(put), probe_reply(true, true), {});
    const holder where = store_target(put);
    put.store_answered(where, store_status::full_and_loaded);
    ASSERT_TRUE(stores_here(put));
    put.stored_here(store_status::stored);
    EXPECT_TRUE(put.is_finished());
    EXPECT_TRUE(put.is_held_here());
    EXPECT_TRUE(put.holders().empty());
}

TEST_F(PutOperationTest, AStoreWithoutAnswerGoesBackOneStep)
{
    put_operation put = begin({small(4)});
    put.answered(asked(put), probe_reply(false, false), {small(1)});
    put.answered(asked(put), probe_reply(true, true), {});
    store_target(put);
    put.store_failed();
    EXPECT_TRUE(stores_here(put));
}

TEST_F(PutOperationTest, IsDroppedWhereEverybodyRefuses)
{
    put_operation put = begin({small(4)});
    put.answered(asked(put), probe_reply(true, true), {});
    ASSERT_TRUE(stores_here(put));
    put.stored_here(store_status::full);
    EXPECT_FALSE(put.next(random));
    EXPECT_TRUE(put.is_finished());
    EXPECT_FALSE(put.is_held_here());
}

TEST_F(PutOperationTest, ANodeThatHoldsThePointerAlreadyRefreshesItEvenIfSaturated)
{
    put_operation put = begin({small(4)}, {}, {holder{small(4), "old"}});
    put.answered(asked(put), probe_reply(true, true), {});
    const holder where = store_target(put);
    EXPECT_EQ(where.who.id, small(4).id);
    EXPECT_EQ(where.token, "8octets!");
}

TEST_F(PutOperationTest, AnAnswerAfterTheForwardPhaseChangesNothing)
{
    put_operation put = begin({small(1), small(2), small(3)});
    put.answered(asked(put), probe_reply(true, true), {});
    EXPECT_TRUE(stores_here(put));
    put.answered(small(3), probe_reply(false, false), {});
    put.stored_here(store_status::full);
    EXPECT_TRUE(put.is_finished());
}

}  // namespace
}  // namespace dht
