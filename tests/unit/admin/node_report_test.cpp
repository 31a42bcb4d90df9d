#include "tests/unit/admin/sample_report.hpp"

#include <gtest/gtest.h>

#include <array>

namespace proxy {
namespace {

TEST(NodeReportTest, CountersOfAllWorkersAreAddedUp)
{
    counters one;
    counters two;
    one.add(counter::stored, 3);
    two.add(counter::stored, 4);
    one.answered(fetch_source::disk, 100, std::chrono::milliseconds{7});
    two.answered(fetch_source::disk, 11, std::chrono::seconds{60});
    const std::array<const counters*, 2> workers{&one, &two};
    const counter_totals totals = add_up(workers);
    EXPECT_EQ(totals.value(counter::stored), 7U);
    EXPECT_EQ(totals.value(counter::octets_disk), 111U);
    EXPECT_EQ(totals.request_duration.buckets[1], 1U);      // up to 10 ms
    EXPECT_EQ(totals.request_duration.buckets.back(), 1U);  // beyond 10 s
    EXPECT_NEAR(totals.request_duration.sum_seconds, 60.007, 1e-9);
}

TEST(NodeReportTest, OffloadCountsEverythingFromOrigins)
{
    const counter_totals count = sample_report().count;
    EXPECT_DOUBLE_EQ(offload_of_octets(count).value(), 0.75);
    EXPECT_DOUBLE_EQ(offload_of_requests(count).value(), 0.75);
}

TEST(NodeReportTest, OffloadIsUnknownAtFirstAndNegativeWhenMoreIsFetchedThanDelivered)
{
    counter_totals count;
    EXPECT_FALSE(offload_of_octets(count));
    set(count, counter::octets_origin, 100);
    set(count, counter::origin_octets_pass, 150);
    EXPECT_DOUBLE_EQ(offload_of_octets(count).value(), -0.5);
}

TEST(NodeReportTest, TunnelsAreOnNeitherSideOfOffload)
{
    counter_totals count = sample_report().count;
    set(count, counter::tunnel_octets, 1'000'000);
    EXPECT_DOUBLE_EQ(offload_of_octets(count).value(), 0.75);
}

TEST(NodeReportTest, ReadyDependsOnTheStoreAndNotOnTheIndex)
{
    node_report report = sample_report();
    report.index.reset();
    EXPECT_TRUE(report.ready());
    report.store.state = store_state::failing;
    EXPECT_TRUE(report.ready());
    report.store.state = store_state::opening;
    EXPECT_FALSE(report.ready());
    report.store.state = store_state::open;
    report.draining = true;
    EXPECT_FALSE(report.ready());
}

}  // namespace
}  // namespace proxy
