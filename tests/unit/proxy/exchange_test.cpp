#include "proxy/core/exchange.hpp"

#include <gtest/gtest.h>

namespace proxy {
namespace {

using std::chrono::milliseconds;

TEST(ExchangeTest, AsksTheOriginAtOnceWhenTheIndexIsNotAsked)
{
    exchange one{fetch_plan{}};
    EXPECT_EQ(one.start(), fetch_step::ask_origin);
}

TEST(ExchangeTest, AsksTheOriginWhenNoPeerIsKnown)
{
    exchange one{fetch_plan{.ask_index = true}};
    EXPECT_EQ(one.start(), fetch_step::find_peers);
    EXPECT_EQ(one.peers_found(0), fetch_step::ask_origin);
}

TEST(ExchangeTest, TriesEachCandidateAndThenTheOrigin)
{
    exchange one{fetch_plan{.ask_index = true}};
    one.start();
    EXPECT_EQ(one.peers_found(2), fetch_step::ask_peer);
    EXPECT_EQ(one.peer_gave_nothing(peer_answer::miss, milliseconds{1}), fetch_step::ask_peer);
    EXPECT_EQ(one.peer_gave_nothing(peer_answer::failed, milliseconds{1}), fetch_step::ask_origin);
}

TEST(ExchangeTest, TriesNoMoreCandidatesThanThePlanAllows)
{
    exchange one{fetch_plan{.ask_index = true, .peer_candidates = 1}};
    one.start();
    EXPECT_EQ(one.peers_found(9), fetch_step::ask_peer);
    EXPECT_EQ(one.peer_gave_nothing(peer_answer::miss, milliseconds{1}), fetch_step::ask_origin);
}

TEST(ExchangeTest, SilentPeersTogetherCostNoMoreThanTheBudget)
{
    exchange one{
        fetch_plan{.ask_index = true, .peer_candidates = 4, .peer_budget = milliseconds{1000}}};
    one.start();
    one.peers_found(4);
    EXPECT_EQ(one.peer_gave_nothing(peer_answer::timeout, milliseconds{800}), fetch_step::ask_peer);
    EXPECT_EQ(one.peer_budget_left(), milliseconds{200});
    EXPECT_EQ(
        one.peer_gave_nothing(peer_answer::timeout, milliseconds{200}), fetch_step::ask_origin);
}

TEST(ExchangeTest, AsksTheIndexOnceMoreIfNobodyIsWhereItSaid)
{
    exchange one{fetch_plan{.ask_index = true, .peer_budget = milliseconds{1000}}};
    one.start();
    EXPECT_EQ(one.peers_found(1), fetch_step::ask_peer);
    EXPECT_EQ(one.peer_gave_nothing(peer_answer::failed, milliseconds{1}), fetch_step::find_others);
    EXPECT_EQ(one.others_found(1, milliseconds{200}), fetch_step::ask_peer);
    EXPECT_EQ(one.peer_budget_left(), milliseconds{799});
    EXPECT_EQ(one.peer_gave_nothing(peer_answer::failed, milliseconds{1}), fetch_step::ask_origin);
}

TEST(ExchangeTest, DoesNotAskAgainWhereTheIndexWasRightOrTheTimeIsSpent)
{
    exchange right{fetch_plan{.ask_index = true}};
    right.start();
    right.peers_found(2);
    right.peer_gave_nothing(peer_answer::failed, milliseconds{1});
    EXPECT_EQ(right.peer_gave_nothing(peer_answer::miss, milliseconds{1}), fetch_step::ask_origin);

    exchange late{fetch_plan{.ask_index = true, .peer_budget = milliseconds{1000}}};
    late.start();
    late.peers_found(1);
    EXPECT_EQ(
        late.peer_gave_nothing(peer_answer::timeout, milliseconds{1000}), fetch_step::ask_origin);
    exchange empty{fetch_plan{.ask_index = true}};
    empty.start();
    EXPECT_EQ(empty.peers_found(0), fetch_step::ask_origin);
}

TEST(ExchangeTest, AMissIsNotCountedAsWaiting)
{
    exchange one{fetch_plan{.ask_index = true, .peer_budget = milliseconds{1000}}};
    one.start();
    one.peers_found(4);
    one.peer_gave_nothing(peer_answer::miss, milliseconds{2000});
    EXPECT_EQ(one.peer_budget_left(), milliseconds{1000});
}

TEST(ExchangeTest, FailureOfTheOriginFallsBackToAStaleCopyOnlyIfAllowed)
{
    exchange with{fetch_plan{.may_use_stale = true}};
    with.start();
    EXPECT_EQ(with.origin_failed(), fetch_step::use_stale);
    exchange without{fetch_plan{}};
    without.start();
    EXPECT_EQ(without.origin_failed(), fetch_step::fail);
}

TEST(ExchangeTest, OnlyIfCachedNeverReachesTheOrigin)
{
    exchange one{fetch_plan{.ask_index = true, .only_if_cached = true}};
    one.start();
    EXPECT_EQ(one.peers_found(1), fetch_step::ask_peer);
    EXPECT_EQ(one.peer_gave_nothing(peer_answer::miss, milliseconds{1}), fetch_step::fail);
}

TEST(LookupBudgetTest, IsTwiceTheUsualTimeWithinBounds)
{
    EXPECT_EQ(
        lookup_budget(milliseconds{10}, milliseconds{150}, milliseconds{1000}), milliseconds{150});
    EXPECT_EQ(
        lookup_budget(milliseconds{100}, milliseconds{150}, milliseconds{1000}), milliseconds{200});
    EXPECT_EQ(lookup_budget(milliseconds{900}, milliseconds{150}, milliseconds{1000}),
        milliseconds{1000});
}

}  // namespace
}  // namespace proxy
