#include "proxy/http1/start_line.hpp"

#include <gtest/gtest.h>

namespace proxy::http1 {
namespace {

TEST(StartLineTest, SplitsARequestLine)
{
    const auto line = parse_request_line("M-SEARCH /a HTTP/1.0");
    ASSERT_TRUE(line);
    EXPECT_EQ(line->method, "M-SEARCH");
    EXPECT_EQ(line->target, "/a");
    EXPECT_EQ(line->minor_version, 0U);
}

TEST(StartLineTest, NeedsAMethod)
{
    EXPECT_EQ(parse_request_line(" / HTTP/1.1").error(), errc::malformed_start_line);
}

TEST(StartLineTest, LeavesTheTargetToBeCheckedByOthers)
{
    EXPECT_EQ(parse_request_line("GET  a b  HTTP/1.1")->target, " a b ");
    EXPECT_EQ(parse_request_line("GET  HTTP/1.1")->target, "");
}

TEST(StartLineTest, EveryMajorVersionButOneIsUnsupported)  // RFC 9110, section 15.6.6
{
    for (char major = '0'; major <= '9'; ++major) {
        const std::string version = std::string{"HTTP/"} + major + ".1";
        const auto line = parse_request_line("GET / " + version);
        if (major == '1') {
            EXPECT_TRUE(line);
        } else {
            EXPECT_EQ(line.error(), errc::unsupported_version) << version;
        }
    }
}

TEST(StartLineTest, EveryHigherMinorVersionIsReadAsTheHighestKnown)  // RFC 9110, section 2.5
{
    for (char minor = '0'; minor <= '9'; ++minor) {
        const auto line = parse_request_line(std::string{"GET / HTTP/1."} + minor);
        ASSERT_TRUE(line);
        EXPECT_EQ(line->minor_version, minor == '0' ? 0U : 1U);
    }
}

TEST(StartLineTest, ReadsEveryStatusOfThreeDigitsFrom100)
{
    for (unsigned status = 0; status <= 1000; ++status) {
        const std::string digits =
            std::string(status < 10 ? 2 : (status < 100 ? 1 : 0), '0') + std::to_string(status);
        const auto line = parse_status_line("HTTP/1.1 " + digits + " x");
        if (status == 101) {
            EXPECT_EQ(line.error(), errc::unexpected_upgrade);
        } else if (status < 100 || status > 999) {
            EXPECT_EQ(line.error(), errc::malformed_start_line) << status;
        } else {
            ASSERT_TRUE(line) << status;
            EXPECT_EQ(line->status, status);
        }
    }
}

TEST(StartLineTest, ReasonMayHoldAnythingButControlCharacters)
{
    for (unsigned octet = 0; octet != 256; ++octet) {
        const std::string line = std::string{"HTTP/1.1 200 "} + static_cast<char>(octet);
        const bool allowed = octet == '\t' || (octet >= 0x20 && octet != 0x7f);
        EXPECT_EQ(parse_status_line(line).has_value(), allowed) << octet;
    }
}

}  // namespace
}  // namespace proxy::http1
