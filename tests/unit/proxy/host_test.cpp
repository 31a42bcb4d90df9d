#include "proxy/core/host.hpp"

#include <gtest/gtest.h>

namespace proxy {
namespace {

TEST(HostTest, WritesNamesInLowerCaseWithoutTheDotOfTheRoot)
{
    EXPECT_EQ(canonical_host("WWW.Example.com"), "www.example.com");
    EXPECT_EQ(canonical_host("example.com."), "example.com");
    EXPECT_EQ(canonical_host("localhost"), "localhost");
    EXPECT_EQ(canonical_host("_dmarc.a-b.example"), "_dmarc.a-b.example");
    EXPECT_EQ(canonical_host("xn--bcher-kva.example"), "xn--bcher-kva.example");
    EXPECT_EQ(canonical_host("1e100.net"), "1e100.net");
    EXPECT_EQ(canonical_host("4.example"), "4.example");
}

TEST(HostTest, RefusesWhatIsNoHostName)
{
    for (const std::string_view text : {"",
             ".",
             "..",
             "a..b",
             ".a",
             "a..",
             "-a.example",
             "a-.example",
             "a b",
             "a%41",
             "a%2ecom",
             "b\xc3\xbc"
             "cher.example",
             "a,b",
             "a/b",
             "a@b",
             "a:80",
             "a~b",
             "a*b"}) {
        EXPECT_FALSE(canonical_host(text)) << text;
    }
}

TEST(HostTest, HoldsTheLimitsOfNamesAndLabels)  // RFC 1035, section 2.3.4
{
    const std::string label(63, 'a');
    EXPECT_TRUE(canonical_host(label));
    EXPECT_FALSE(canonical_host(label + "a"));
    const std::string longest = label + "." + label + "." + label + "." + std::string(61, 'a');
    EXPECT_EQ(longest.size(), 253U);
    EXPECT_TRUE(canonical_host(longest));
    EXPECT_TRUE(canonical_host(longest + "."));
    EXPECT_FALSE(canonical_host(longest + "a"));
}

TEST(HostTest, KeepsAddressesInTheirOneSpelling)
{
    EXPECT_EQ(canonical_host("192.0.2.1"), "192.0.2.1");
    EXPECT_EQ(canonical_host("192.0.2.1."), "192.0.2.1");
    EXPECT_EQ(canonical_host("[2001:DB8:0:0::1]"), "[2001:db8::1]");
    EXPECT_EQ(canonical_host("[::FFFF:127.0.0.1]"), "[::ffff:127.0.0.1]");
    EXPECT_EQ(canonical_host("[::]"), "[::]");
}

// inet_aton, and so many resolvers, read all of these as addresses.
TEST(HostTest, RefusesAddressesInEveryOtherSpelling)
{
    for (const std::string_view text : {"127.1",
             "127.0.1",
             "0",
             "1",
             "2130706433",
             "017700000001",
             "0x7f000001",
             "0X7F.1",
             "0x7f.0x0.0x0.0x1",
             "0177.0.0.1",
             "127.0.0.01",
             "127.0.0.0x1",
             "00127.0.0.1",
             "127.0.0.1.1",
             "256.0.0.1",
             "999.0.0.1",
             "1.2.3",
             "a.1",
             "a.0x1",
             "0x",
             "[127.0.0.1]",
             "[::1",
             "::1",
             "[]",
             "[:::1]",
             "[1::2::3]",
             "[fe80::1%eth0]",
             "[fe80::1%25eth0]",
             "[::1]x",
             "[v1.a]"}) {
        EXPECT_FALSE(canonical_host(text)) << text;
    }
}

TEST(HostTest, TellsAddressesFromNames)
{
    EXPECT_TRUE(is_address_literal("192.0.2.1"));
    EXPECT_TRUE(is_address_literal("[::1]"));
    EXPECT_FALSE(is_address_literal("localhost"));
    EXPECT_FALSE(is_address_literal("1.2.3.4.example"));
}

}  // namespace
}  // namespace proxy
