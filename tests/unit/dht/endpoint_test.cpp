#include "dht/core/endpoint.hpp"

#include <gtest/gtest.h>

#include <string>

namespace dht {
namespace {

endpoint at(const char* address, std::uint16_t port)
{
    return {boost::asio::ip::make_address(address), port};
}

TEST(EndpointTest, IdIsSha1OfAddressAndBigEndianPort)
{
    EXPECT_EQ(id_of(at("192.0.2.1", 4128)), sha1(std::string{"\xc0\x00\x02\x01\x10\x20", 6}));
    EXPECT_NE(id_of(at("192.0.2.1", 4128)), id_of(at("192.0.2.1", 4129)));
}

TEST(EndpointTest, CompactFormRoundTripsInBothFamilies)
{
    for (const endpoint& where : {at("192.0.2.1", 4128), at("2001:db8::1", 65535)}) {
        EXPECT_EQ(from_compact(to_compact(where)), where);
    }
    EXPECT_EQ(to_compact(at("192.0.2.1", 1)).size(), 6U);
    EXPECT_EQ(to_compact(at("2001:db8::1", 1)).size(), 18U);
}

TEST(EndpointTest, SubnetsOfPublicAddressesOnly)
{
    const auto subnet = [](const char* address) {
        return public_subnet_of(boost::asio::ip::make_address(address));
    };
    EXPECT_TRUE(subnet("198.51.100.1") == subnet("198.51.100.255"));
    EXPECT_FALSE(subnet("198.51.100.1") == subnet("198.51.101.1"));
    EXPECT_TRUE(subnet("2001:db8:0:1::1") == subnet("2001:db8:0:1:ffff::"));
    EXPECT_FALSE(subnet("2001:db8:0:1::1") == subnet("2001:db8:0:2::1"));
    for (const char* const address : {"9.255.255.255",
             "11.0.0.0",
             "100.63.255.255",
             "100.128.0.0",
             "172.15.255.255",
             "172.32.0.0",
             "192.167.255.255",
             "192.169.0.0",
             "fe00::1"}) {
        EXPECT_TRUE(subnet(address)) << address;
    }
    for (const char* const address : {"10.0.0.0",
             "10.255.255.255",
             "100.64.0.0",
             "100.127.255.255",
             "127.0.0.1",
             "169.254.1.1",
             "172.16.0.0",
             "172.31.255.255",
             "192.168.255.255",
             "::1",
             "fe80::1",
             "fc00::1",
             "fdff::1"}) {
        EXPECT_FALSE(subnet(address)) << address;
    }
}

TEST(EndpointTest, NeighboursShareAPrefix)
{
    const auto prefix = [](const char* address) {
        return neighbourhood_of(boost::asio::ip::make_address(address)).value_or("none");
    };
    EXPECT_EQ(prefix("198.51.100.7"), "198.51.100.0/24");
    EXPECT_EQ(prefix("10.1.2.255"), "10.1.2.0/24");
    EXPECT_EQ(prefix("2001:db8:1:2:3::4"), "2001:db8:1::/48");
    EXPECT_EQ(prefix("fd00:1:2:3::4"), "fd00:1:2::/48");
    for (const char* const address : {"127.0.0.9", "::1", "169.254.1.1", "fe80::1", "0.0.0.0"}) {
        EXPECT_EQ(prefix(address), "none") << address;
    }
}

TEST(EndpointTest, CompactFormOfAnotherLengthIsNone)
{
    for (const std::size_t length : {0U, 5U, 7U, 17U, 19U}) {
        EXPECT_FALSE(from_compact(std::string(length, 'x'))) << length;
    }
}

TEST(EndpointTest, NobodyIsAtPortZeroOrAtAnAddressOfMany)
{
    EXPECT_TRUE(is_reachable_form(at("127.0.0.1", 1)));
    EXPECT_TRUE(is_reachable_form(at("2001:db8::1", 1)));
    EXPECT_FALSE(is_reachable_form(at("192.0.2.1", 0)));
    EXPECT_FALSE(is_reachable_form(at("0.0.0.0", 1)));
    EXPECT_FALSE(is_reachable_form(at("255.255.255.255", 1)));
    EXPECT_FALSE(is_reachable_form(at("224.0.0.1", 1)));
    EXPECT_FALSE(is_reachable_form(at("::", 1)));
    EXPECT_FALSE(is_reachable_form(at("ff02::1", 1)));
}

TEST(EndpointTest, TextRoundTripsAndNothingElseParses)
{
    EXPECT_EQ(to_string(at("192.0.2.1", 4128)), "192.0.2.1:4128");
    EXPECT_EQ(to_string(at("2001:db8::1", 4128)), "[2001:db8::1]:4128");
    EXPECT_EQ(parse_endpoint("192.0.2.1:4128"), at("192.0.2.1", 4128));
    EXPECT_EQ(parse_endpoint("[2001:db8::1]:4128"), at("2001:db8::1", 4128));
    for (const char* text : {"",
             ":",
             "192.0.2.1",
             "192.0.2.1:",
             "192.0.2.1:65536",
             "192.0.2.1:-1",
             "192.0.2.1:1x",
             "[192.0.2.1]:1",
             "2001:db8::1:1",
             "example.com:1",
             "[::1:1"}) {
        EXPECT_FALSE(parse_endpoint(text)) << text;
    }
}

}  // namespace
}  // namespace dht
