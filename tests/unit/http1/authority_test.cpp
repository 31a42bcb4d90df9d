#include "proxy/http1/authority.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace proxy::http1 {
namespace {

TEST(AuthorityTest, IsAHostAndPerhapsAPort)
{
    const auto authority = parse_authority("Example.com:8080");
    ASSERT_TRUE(authority);
    EXPECT_EQ(authority->host, "Example.com");
    EXPECT_EQ(authority->port, 8080);
    EXPECT_FALSE(parse_authority("a_b-c.~d")->port);
    EXPECT_EQ(parse_authority("192.0.2.1:1")->port, 1);
}

TEST(AuthorityTest, EmptyPortIsNone)  // RFC 3986, section 3.2.3
{
    const auto authority = parse_authority("a:");
    ASSERT_TRUE(authority);
    EXPECT_FALSE(authority->port);
}

TEST(AuthorityTest, KeepsTheBracketsOfALiteral)
{
    const auto authority = parse_authority("[2001:db8::192.0.2.1]:65535");
    ASSERT_TRUE(authority);
    EXPECT_EQ(authority->host, "[2001:db8::192.0.2.1]");
    EXPECT_EQ(authority->port, 65535);
}

TEST(AuthorityTest, RefusesEverythingElse)
{
    const std::vector<std::string_view> refused{"",
        ":",
        ":80",
        "a:0",
        "a:65536",
        "a:000080",
        "a:99999999999",
        "a:+1",
        "a:-1",
        "a:80:80",
        "a:8 0",
        "a:b",
        "u@a",
        "u:p@a",
        "@a",
        " a",
        "a ",
        "a/",
        "a?",
        "a#",
        "a%20",
        "a%00",
        "a,b",
        "a;b",
        "a\\b",
        "a*",
        "\xc3\xa9",
        {"a\0", 2},
        "[]",
        "[::1",
        "::1",
        "[::1]a",
        "[::1]]",
        "[::1%1]",
        "[::1%251]",
        "[v1.x]",
        "[g]",
        "[::1]:x"};
    for (const std::string_view text : refused) {
        EXPECT_FALSE(parse_authority(text)) << text;
    }
}

}  // namespace
}  // namespace proxy::http1
