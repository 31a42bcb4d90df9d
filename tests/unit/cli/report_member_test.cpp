#include "proxy/cli/report_member.hpp"

#include <boost/json/parse.hpp>

#include <gtest/gtest.h>

namespace proxy {
namespace {

TEST(ReportMemberTest, IsFoundByItsPath)
{
    const auto report = boost::json::parse(R"({"ready":true,"store":{"bytes":7,"state":"open"}})");
    EXPECT_TRUE(is_true(report, "/ready"));
    EXPECT_EQ(count(report, "/store/bytes"), 7U);
    EXPECT_EQ(text(report, "/store/state"), "open");
}

TEST(ReportMemberTest, ThatAnotherVersionDoesNotHaveOrHasOtherwiseIsShownAsMissing)
{
    const auto report = boost::json::parse(R"({"ready":"yes","bytes":-1,"state":3})");
    EXPECT_FALSE(is_true(report, "/ready"));
    EXPECT_EQ(count(report, "/bytes"), 0U);
    EXPECT_EQ(text(report, "/state"), "-");
    EXPECT_TRUE(member(report, "/store/bytes").is_null());
    EXPECT_TRUE(member(boost::json::value(), "/error").is_null());
}

TEST(ReportMemberTest, IsCountedInWords)
{
    EXPECT_EQ(counted(0, "object"), "0 objects");
    EXPECT_EQ(counted(1, "object"), "1 object");
}

}  // namespace
}  // namespace proxy
