#include "dht/core/own_address.hpp"

#include <gtest/gtest.h>

namespace dht {
namespace {

endpoint at(const char* address, std::uint16_t port = 4128)
{
    return {boost::asio::ip::make_address(address), port};
}

TEST(OwnAddressTest, AdvertisedBeatsBoundAndNeitherIsArguedAbout)
{
    own_address bound{at("192.0.2.1"), std::nullopt};
    EXPECT_EQ(bound.current(), at("192.0.2.1"));
    EXPECT_FALSE(bound.report(at("198.51.100.1"), at("203.0.113.9")));
    own_address advertised{at("0.0.0.0"), at("203.0.113.1")};
    EXPECT_EQ(advertised.current(), at("203.0.113.1"));
    EXPECT_FALSE(advertised.report(at("198.51.100.1"), at("203.0.113.9")));
}

TEST(OwnAddressTest, IsUnknownUntilSomebodyReports)
{
    own_address own{at("0.0.0.0"), std::nullopt};
    EXPECT_FALSE(own.current());
    EXPECT_TRUE(own.report(at("198.51.100.1"), at("203.0.113.1")));
    EXPECT_EQ(own.current(), at("203.0.113.1"));
}

TEST(OwnAddressTest, OneLiarDoesNotMoveIt)
{
    own_address own{at("0.0.0.0"), std::nullopt};
    own.report(at("198.51.100.1"), at("203.0.113.1"));
    EXPECT_FALSE(own.report(at("192.0.2.7"), at("203.0.113.66")));
    EXPECT_FALSE(own.report(at("192.0.2.7", 2), at("203.0.113.66"))) << "the same /24";
    EXPECT_EQ(own.current(), at("203.0.113.1"));
}

TEST(OwnAddressTest, TwoThatAgreeMoveIt)
{
    own_address own{at("0.0.0.0"), std::nullopt};
    own.report(at("192.0.2.7"), at("203.0.113.66"));
    EXPECT_FALSE(own.report(at("198.51.100.1"), at("203.0.113.1")));
    EXPECT_TRUE(own.report(at("198.51.101.1"), at("203.0.113.1")));
    EXPECT_EQ(own.current(), at("203.0.113.1"));
}

TEST(OwnAddressTest, PrivateReportersOfOneNetworkAreSeveral)
{
    own_address own{at("0.0.0.0"), std::nullopt};
    own.report(at("10.0.0.9"), at("10.0.0.66"));
    own.report(at("10.0.0.1"), at("10.0.0.5"));
    EXPECT_TRUE(own.report(at("10.0.0.2"), at("10.0.0.5")));
}

TEST(OwnAddressTest, ThreeWhoSeeThreePortsSeeASymmetricNat)
{
    for (const auto& advertised : {std::optional<endpoint>{}, std::optional{at("10.0.0.5")}}) {
        own_address own{at("0.0.0.0"), advertised};
        own.report(at("198.51.100.1"), at("203.0.113.1", 1'001));
        own.report(at("192.0.2.1"), at("203.0.113.1", 1'002));
        own.report(at("192.0.2.2"), at("203.0.113.1", 1'003));
        EXPECT_FALSE(own.is_symmetric_nat()) << "two places: one of them may lie";
        own.report(at("203.0.113.200"), at("203.0.113.1", 1'004));
        EXPECT_TRUE(own.is_symmetric_nat());
        own.report(at("8.8.8.8"), at("203.0.113.1", 1'001));
        EXPECT_FALSE(own.is_symmetric_nat()) << "two agree";
    }
}

TEST(OwnAddressTest, SeveralAddressesAreNoSymmetricNat)
{
    own_address own{at("0.0.0.0"), std::nullopt};
    own.report(at("198.51.100.1"), at("203.0.113.1", 1'001));
    own.report(at("192.0.2.1"), at("203.0.113.2", 1'002));
    own.report(at("8.8.8.8"), at("203.0.113.3", 1'003));
    EXPECT_FALSE(own.is_symmetric_nat());
}

TEST(OwnAddressTest, IgnoresWhatCannotBeAnAddressOfOurs)
{
    own_address own{at("0.0.0.0"), std::nullopt};
    EXPECT_FALSE(own.report(at("198.51.100.1"), at("203.0.113.1", 0)));
    EXPECT_FALSE(own.report(at("198.51.100.1"), at("2001:db8::1")));
    EXPECT_FALSE(own.report(at("198.51.100.1"), at("0.0.0.0")));
    EXPECT_FALSE(own.current());
}

}  // namespace
}  // namespace dht
