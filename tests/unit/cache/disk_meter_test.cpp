#include "cache/store/disk_meter.hpp"

#include <gtest/gtest.h>

namespace cache {
namespace {

TEST(DiskMeterTest, CountsWholeBlocks)
{
    disk_meter meter;
    const auto file = meter.create("a.sst");
    EXPECT_EQ(meter.octets(), 0U);
    meter.resize(*file, 1);
    EXPECT_EQ(meter.octets(), 4096U);
    meter.resize(*file, 4097);
    EXPECT_EQ(meter.octets(), 8192U);
    meter.resize(*file, 0);
    EXPECT_EQ(meter.octets(), 0U);
}

TEST(DiskMeterTest, TellsLogsApart)
{
    disk_meter meter;
    meter.create("1.log", 4096);
    meter.create("2.sst", 8192);
    EXPECT_EQ(meter.octets(), 12288U);
    EXPECT_EQ(meter.log_octets(), 4096U);
    meter.remove("1.log");
    EXPECT_EQ(meter.log_octets(), 0U);
}

TEST(DiskMeterTest, ForgetsAFileOnceHoweverItGoes)
{
    disk_meter meter;
    const auto removed = meter.create("a", 4096);
    meter.remove("a");
    meter.remove("a");
    meter.resize(*removed, 1'000'000);  // still open, without a name
    EXPECT_EQ(meter.octets(), 0U);

    meter.create("a", 4096);
    meter.create("a", 8192);
    EXPECT_EQ(meter.octets(), 8192U);
    meter.create("b", 4096);
    meter.rename("b", "a");
    EXPECT_EQ(meter.octets(), 4096U);
    EXPECT_EQ(meter.find("b"), nullptr);
    meter.clear();
    EXPECT_EQ(meter.octets(), 0U);
}

TEST(DiskMeterTest, ARenamedFileGoesOnBeingCounted)
{
    disk_meter meter;
    const auto file = meter.create("a.dbtmp");
    meter.rename("a.dbtmp", "CURRENT");
    meter.resize(*file, 16);
    EXPECT_EQ(meter.octets(), 4096U);
    EXPECT_EQ(meter.find("CURRENT")->octets(), 16U);
}

}  // namespace
}  // namespace cache
