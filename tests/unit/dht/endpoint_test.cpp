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
