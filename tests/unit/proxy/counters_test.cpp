#include "proxy/core/counters.hpp"

#include <gtest/gtest.h>

namespace proxy {
namespace {

using std::chrono::milliseconds;

TEST(CountersTest, AnAnswerCountsUnderItsSource)
{
    counters count;
    count.answered(fetch_source::peer, 100, milliseconds{1});
    count.answered(fetch_source::origin, 7, milliseconds{1});
    EXPECT_EQ(count.value(counter::requests_peer), 1U);
    EXPECT_EQ(count.value(counter::octets_peer), 100U);
    EXPECT_EQ(count.value(counter::requests_origin), 1U);
    EXPECT_EQ(count.value(counter::octets_origin), 7U);
    EXPECT_EQ(count.value(counter::requests_memory), 0U);
}

TEST(DurationHistogramTest, ABoundBelongsToItsOwnBucket)
{
    duration_histogram histogram;
    histogram.add(milliseconds{5});
    histogram.add(milliseconds{6});
    histogram.add(std::chrono::seconds{60});
    EXPECT_EQ(histogram.bucket(0), 1U);
    EXPECT_EQ(histogram.bucket(1), 1U);
    EXPECT_EQ(histogram.bucket(duration_histogram::bucket_count - 1), 1U);
    EXPECT_NEAR(histogram.sum_seconds(), 60.011, 1e-6);
}

}  // namespace
}  // namespace proxy
