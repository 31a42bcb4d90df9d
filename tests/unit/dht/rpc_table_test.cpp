#include "dht/core/rpc_table.hpp"

#include "tests/sim/world/seeded_random.hpp"

#include <gtest/gtest.h>

#include <string>

namespace dht {
namespace {

using namespace std::chrono_literals;

constexpr time_point start{1h};

contact somebody()
{
    return contact_at({boost::asio::ip::make_address("192.0.2.1"), 4128});
}

class RpcTableTest : public ::testing::Test
{
protected:
    std::string add(const contact& to, time_point now)
    {
        const std::string transaction = table.new_transaction(random);
        pending_query query;
        query.to = to;
        table.add(transaction, query, now);
        return transaction;
    }

    sim::seeded_random random{5};
    rpc_table table{config{}};
};

TEST_F(RpcTableTest, MatchesTransactionAndAddressOnce)
{
    const std::string transaction = add(somebody(), start);
    EXPECT_EQ(transaction.size(), 4U);
    const endpoint stranger{somebody().at.address, 4129};
    EXPECT_FALSE(table.take(transaction, stranger, start + 20ms));
    EXPECT_FALSE(table.take("xxxx", somebody().at, start + 20ms));
    const auto answer = table.take(transaction, somebody().at, start + 20ms);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->took, 20ms);
    EXPECT_FALSE(table.take(transaction, somebody().at, start + 21ms));
    EXPECT_FALSE(table.next_timeout());
}

// Who is in a hurry notices a loss early, but has not waited for as long as the contact may need.
TEST_F(RpcTableTest, AnUrgentQueryIsLateEarlyAndSaysWhetherItsFailureMeansAnything)
{
    const struct
    {
        duration late_within;
        duration overdue;
        bool is_conclusive;
    } cases[] = {
        {0ms, 500ms, true},
        {900ms, 500ms, true},
        {167ms, 167ms, true},
        {166ms, 166ms, false},
    };
    for (const auto& each : cases) {
        rpc_table fresh{config{}};
        pending_query query;
        query.to = somebody();
        query.late_within = each.late_within;
        fresh.add("abcd", query, start);
        EXPECT_EQ(fresh.next_timeout(), start + each.overdue);
        EXPECT_TRUE(fresh.next_expiry(start + each.overdue));
        EXPECT_EQ(fresh.next_timeout(), start + 3 * each.overdue);
        const auto failed = fresh.next_expiry(start + 3 * each.overdue);
        ASSERT_TRUE(failed);
        EXPECT_EQ(failed->what, rpc_table::event::failed);
        EXPECT_EQ(failed->is_conclusive, each.is_conclusive);
    }
}

// Else claims, which are in a hurry, would look like loss and make gets ask more nodes.
TEST_F(RpcTableTest, TheShareOfLateAnswersIsThatOfQueriesInNoHurry)
{
    contact slow = somebody();
    for (int i = 0; i < 50; ++i) {
        slow.rtt.add(300ms);
    }
    for (const duration within : {100ms, 0ms}) {
        pending_query query;
        query.to = slow;
        query.late_within = within;
        const std::string transaction = table.new_transaction(random);
        table.add(transaction, query, start);
        EXPECT_EQ(table.next_expiry(start + 299ms).has_value(), within == 100ms);
        EXPECT_TRUE(table.take(transaction, slow.at, start + 299ms));
        EXPECT_EQ(table.late_share(), 0);
    }
    add(slow, start);
    ASSERT_TRUE(table.next_expiry(start + 1s));
    EXPECT_GT(table.late_share(), 0);
}

TEST_F(RpcTableTest, IsOverdueOnceThenFails)
{
    add(somebody(), start);
    EXPECT_EQ(table.next_timeout(), start + 500ms);
    EXPECT_FALSE(table.next_expiry(start + 499ms));
    const auto first = table.next_expiry(start + 500ms);
    ASSERT_TRUE(first);
    EXPECT_EQ(first->what, rpc_table::event::overdue);
    EXPECT_EQ(table.next_timeout(), start + 1'500ms);
    EXPECT_FALSE(table.next_expiry(start + 500ms));
    const auto second = table.next_expiry(start + 1'500ms);
    ASSERT_TRUE(second);
    EXPECT_EQ(second->what, rpc_table::event::failed);
    EXPECT_EQ(second->sent, start);
    EXPECT_EQ(table.size(), 0U);
    EXPECT_FALSE(table.next_timeout());
}

TEST_F(RpcTableTest, ALateAnswerStillCountsBeforeTheQueryHasFailed)
{
    const std::string transaction = add(somebody(), start);
    table.next_expiry(start + 500ms);
    EXPECT_TRUE(table.take(transaction, somebody().at, start + 900ms));
    EXPECT_FALSE(table.next_timeout());
}

// Without that a lost datagram makes its contact look slow, and the next loss is noticed late.
TEST_F(RpcTableTest, AnAnswerIsMeasuredFromTheQueryThatItAnswers)
{
    for (const bool to_second : {false, true}) {
        rpc_table fresh{config{}};
        const std::string first = fresh.new_transaction(random);
        pending_query query;
        query.to = somebody();
        fresh.add(first, query, start);
        const auto overdue = fresh.next_expiry(start + 500ms);
        ASSERT_TRUE(overdue);
        EXPECT_EQ(overdue->transaction, first);
        const std::string second = fresh.repeat(first, random, start + 500ms);
        EXPECT_NE(second, first);
        const endpoint stranger{somebody().at.address, 4129};
        EXPECT_FALSE(fresh.take(second, stranger, start + 520ms));
        const auto answer = fresh.take(to_second ? second : first, somebody().at, start + 520ms);
        ASSERT_TRUE(answer);
        EXPECT_EQ(answer->took, to_second ? 20ms : 520ms);
        EXPECT_FALSE(fresh.take(first, somebody().at, start + 521ms)) << "one answer counts";
        EXPECT_FALSE(fresh.take(second, somebody().at, start + 521ms));
        EXPECT_FALSE(fresh.next_timeout());
    }
}

TEST_F(RpcTableTest, WaitsAsLongAsTheContactUsuallyTakes)
{
    contact quick = somebody();
    contact slow = somebody();
    for (int i = 0; i < 50; ++i) {
        quick.rtt.add(1ms);
        slow.rtt.add(300ms);
    }
    add(quick, start);
    EXPECT_EQ(table.next_timeout(), start + 100ms);  // not less: a pause is no failure
    table.next_expiry(start + 100ms);
    table.next_expiry(start + 300ms);
    add(slow, start);
    EXPECT_GE(*table.next_timeout(), start + 300ms);
    EXPECT_LE(*table.next_timeout(), start + 400ms);
}

TEST_F(RpcTableTest, WaitsForStrangersByWhatOthersTake)
{
    const std::string transaction = add(somebody(), start);
    table.take(transaction, somebody().at, start + 100ms);
    add(somebody(), start + 1s);
    EXPECT_EQ(table.next_timeout(), start + 1'300ms);
}

TEST_F(RpcTableTest, HasALimit)
{
    config settings;
    settings.queries_in_flight = 2;
    rpc_table small{settings};
    EXPECT_FALSE(small.is_full());
    small.add("aaaa", {}, start);
    small.add("bbbb", {}, start);
    EXPECT_TRUE(small.is_full());
    small.take("aaaa", endpoint{}, start);
    EXPECT_FALSE(small.is_full());
}

}  // namespace
}  // namespace dht
