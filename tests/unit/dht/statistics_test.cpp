#include "dht/core/statistics.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string_view>

namespace dht {
namespace {

TEST(StatisticsTest, EachReasonToDropHasANameAndACounterOfItsOwn)
{
    statistics counted;
    std::set<std::string_view> names;
    for (std::size_t i = 0; i < drop_reason_count; ++i) {
        const auto why = static_cast<drop_reason>(i);
        names.insert(to_string(why));
        counted.drops(why) += i + 1;
    }
    EXPECT_EQ(names.size(), drop_reason_count);
    EXPECT_FALSE(names.contains("unknown"));
    EXPECT_EQ(to_string(static_cast<drop_reason>(drop_reason_count)), "unknown");
    for (std::size_t i = 0; i < drop_reason_count; ++i) {
        EXPECT_EQ(counted.dropped[i], i + 1);
    }
}

}  // namespace
}  // namespace dht
