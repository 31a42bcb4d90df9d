#include "proxy/core/egress.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <string_view>

namespace proxy {

// GoogleTest finds it by this name, beside the enum only.
// NOLINTNEXTLINE(readability-identifier-naming)
inline void PrintTo(egress_verdict verdict, std::ostream* out)
{
    *out << explain(verdict);
}

namespace {

using boost::asio::ip::address;
using boost::asio::ip::make_address;
using enum egress_verdict;

struct judged_address
{
    const char* text;
    egress_verdict verdict;
};

address_block block(const char* network, unsigned prefix_bits)
{
    return {make_address(network), prefix_bits};
}

// First and last address of each range, and their neighbours outside.
constexpr judged_address addresses[] = {
    // "This host" and "this network": RFC 1122, section 3.2.1.3.
    {"0.0.0.0", reserved},
    {"0.0.0.1", reserved},
    {"0.255.255.255", reserved},
    {"1.0.0.0", allowed},
    // Private: RFC 1918.
    {"9.255.255.255", allowed},
    {"10.0.0.0", private_range},
    {"10.255.255.255", private_range},
    {"11.0.0.0", allowed},
    {"172.15.255.255", allowed},
    {"172.16.0.0", private_range},
    {"172.31.255.255", private_range},
    {"172.32.0.0", allowed},
    {"192.167.255.255", allowed},
    {"192.168.0.0", private_range},
    {"192.168.255.255", private_range},
    {"192.169.0.0", allowed},
    // Carrier-grade NAT: RFC 6598.
    {"100.63.255.255", allowed},
    {"100.64.0.0", private_range},
    {"100.127.255.255", private_range},
    {"100.128.0.0", allowed},
    // Loopback: RFC 1122, section 3.2.1.3.
    {"126.255.255.255", allowed},
    {"127.0.0.0", loopback},
    {"127.0.0.1", loopback},
    {"127.255.255.255", loopback},
    {"128.0.0.0", allowed},
    // Link-local: RFC 3927.
    {"169.253.255.255", allowed},
    {"169.254.0.0", link_local},
    {"169.254.169.254", link_local},
    {"169.254.255.255", link_local},
    {"169.255.0.0", allowed},
    // Metadata services.
    {"100.100.100.199", private_range},
    {"100.100.100.200", link_local},
    {"168.63.129.15", allowed},
    {"168.63.129.16", link_local},
    {"168.63.129.17", allowed},
    {"192.0.0.192", link_local},
    {"fd00:ec2::254", link_local},
    {"fd20:ce::254", link_local},
    // Protocol assignments: RFC 6890; documentation: RFC 5737; 6to4 relays: RFC 7526.
    {"192.0.0.0", reserved},
    {"192.0.0.255", reserved},
    {"192.0.1.0", allowed},
    {"192.0.2.0", reserved},
    {"192.0.2.255", reserved},
    {"192.0.3.0", allowed},
    {"192.88.99.1", reserved},
    {"198.51.100.1", reserved},
    {"198.51.101.0", allowed},
    {"203.0.113.1", reserved},
    {"203.0.114.0", allowed},
    // Benchmarks: RFC 2544.
    {"198.17.255.255", allowed},
    {"198.18.0.0", reserved},
    {"198.19.255.255", reserved},
    {"198.20.0.0", allowed},
    // Multicast: RFC 5771; future use: RFC 1112; broadcast: RFC 919.
    {"223.255.255.255", allowed},
    {"224.0.0.0", reserved},
    {"239.255.255.255", reserved},
    {"240.0.0.0", reserved},
    {"255.255.255.255", reserved},
    // IPv6 unspecified and loopback: RFC 4291, sections 2.5.2 and 2.5.3.
    {"::", reserved},
    {"::1", loopback},
    {"::2", reserved},
    // IPv4-mapped: RFC 4291, section 2.5.5.2: judged as the IPv4 address.
    {"::ffff:127.0.0.1", loopback},
    {"::ffff:7f00:1", loopback},
    {"::ffff:10.1.2.3", private_range},
    {"::ffff:169.254.169.254", link_local},
    {"::ffff:0.0.0.0", reserved},
    {"::ffff:8.8.8.8", allowed},
    // IPv4-compatible, deprecated: RFC 4291, section 2.5.5.1; translated: RFC 2765.
    {"::127.0.0.1", loopback},
    {"::8.8.8.8", reserved},
    {"::ffff:0:127.0.0.1", loopback},
    {"::ffff:0:8.8.8.8", reserved},
    // NAT64: RFC 6052 and RFC 8215.
    {"64:ff9b::8.8.8.8", allowed},
    {"64:ff9b::127.0.0.1", loopback},
    {"64:ff9b::10.0.0.1", private_range},
    {"64:ff9b::169.254.169.254", link_local},
    {"64:ff9b::a83f:8110", link_local},
    {"64:ff9b::192.0.2.1", reserved},
    {"64:ff9b:0:0:0:1::", reserved},
    {"64:ff9b:1::8.8.8.8", reserved},
    // 6to4: RFC 3056.
    {"2002:7f00:1::", loopback},
    {"2002:a9fe:a9fe::1", link_local},
    {"2002:c0a8:101::1", private_range},
    {"2002:808:808::1", reserved},
    // Teredo: RFC 4380; the client's address is inverted.
    {"2001:0:4136:e378:8000:63bf:80ff:fffe", loopback},
    {"2001:0:4136:e378:8000:63bf:5601:5601", link_local},
    {"2001:0:4136:e378:8000:63bf:f7f7:f7f7", reserved},
    // Protocol assignments: RFC 2928; documentation: RFC 3849, RFC 9637.
    {"2001:1::1", reserved},
    {"2001:1ff:ffff::", reserved},
    {"2001:200::", allowed},
    {"2001:db8::1", reserved},
    {"2001:db9::1", allowed},
    {"3fff::1", reserved},
    {"3fff:fff:ffff::", reserved},
    {"3fff:1000::", allowed},
    // Global unicast: RFC 4291, section 2.4.
    {"2606:4700::1111", allowed},
    {"1fff:ffff::1", reserved},
    {"4000::1", reserved},
    // Discard: RFC 6666; segment routing: RFC 9602.
    {"100::1", reserved},
    {"5f00::1", reserved},
    // Unique local: RFC 4193.
    {"fbff:ffff::", reserved},
    {"fc00::", private_range},
    {"fdff:ffff::1", private_range},
    // Link-local: RFC 4291, section 2.5.6; site-local: RFC 3879; multicast: RFC 4291, 2.7.
    {"fe00::1", reserved},
    {"fe80::1", link_local},
    {"fe80::1%1", link_local},
    {"febf:ffff::1", link_local},
    {"fec0::1", reserved},
    {"ff02::1", reserved},
    {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", reserved},
};

TEST(EgressTest, KnowsEverySpecialRangeUpToItsEnds)
{
    for (const judged_address& judged : addresses) {
        EXPECT_EQ(classify(make_address(judged.text)), judged.verdict) << judged.text;
    }
}

TEST(EgressTest, OriginIsPublicUnlessASettingSaysOtherwise)
{
    for (const judged_address& judged : addresses) {
        EXPECT_EQ(judge_origin(make_address(judged.text), 80, false, {}), judged.verdict)
            << judged.text;
    }
}

TEST(EgressTest, OriginHasAPortOfSites)
{
    const address site = make_address("8.8.8.8");
    for (const unsigned number : {80U, 443U, 1024U, 8080U, 65535U}) {
        EXPECT_EQ(judge_origin(site, static_cast<std::uint16_t>(number), false, {}), allowed)
            << number;
    }
    for (const unsigned number : {0U, 1U, 22U, 25U, 79U, 81U, 442U, 444U, 1023U}) {
        EXPECT_EQ(judge_origin(site, static_cast<std::uint16_t>(number), false, {}), port)
            << number;
    }
}

TEST(EgressTest, AllowedTargetMayBePrivateAndOnAnyPort)
{
    const egress_rules rules{{block("10.0.0.0", 8), block("::1", 128)}, {}};
    EXPECT_EQ(judge_origin(make_address("10.1.2.3"), 81, false, rules), allowed);
    EXPECT_EQ(judge_origin(make_address("::ffff:10.1.2.3"), 80, false, rules), allowed);
    EXPECT_EQ(judge_origin(make_address("::1"), 22, false, rules), allowed);
    EXPECT_EQ(judge_origin(make_address("10.1.2.3"), 0, false, rules), port);
    EXPECT_EQ(judge_origin(make_address("192.168.0.1"), 80, false, rules), private_range);
    EXPECT_EQ(judge_origin(make_address("8.8.8.8"), 81, false, rules), port);
}

TEST(EgressTest, RouteMayLeadToItsPrivateOrigin)
{
    EXPECT_EQ(judge_origin(make_address("192.168.0.1"), 81, true, {}), allowed);
    EXPECT_EQ(judge_origin(make_address("127.0.0.1"), 8000, true, {}), allowed);
}

TEST(EgressTest, NothingLiftsLinkLocalAndMetadataAddresses)
{
    const egress_rules everything{{block("0.0.0.0", 0), block("::", 0)}, {}};
    for (const judged_address& judged : addresses) {
        const address to = make_address(judged.text);
        const egress_verdict expected = judged.verdict == link_local ? link_local : allowed;
        EXPECT_EQ(judge_origin(to, 80, false, everything), expected) << judged.text;
        EXPECT_EQ(judge_origin(to, 80, true, {}), expected) << judged.text;
    }
}

TEST(EgressTest, NothingLiftsOurOwnListeners)
{
    const egress_rules rules{{block("0.0.0.0", 0), block("::", 0)},
        {{make_address("127.0.0.1"), 9128}, {make_address("192.168.0.5"), 3128}}};
    EXPECT_EQ(judge_origin(make_address("127.0.0.1"), 9128, true, rules), own_listener);
    EXPECT_EQ(judge_origin(make_address("::ffff:127.0.0.1"), 9128, true, rules), own_listener);
    EXPECT_EQ(judge_origin(make_address("64:ff9b::127.0.0.1"), 9128, true, rules), own_listener);
    EXPECT_EQ(judge_origin(make_address("0.0.0.0"), 9128, true, rules), own_listener);
    EXPECT_EQ(judge_origin(make_address("::"), 9128, true, rules), own_listener);
    EXPECT_EQ(judge_origin(make_address("192.168.0.5"), 3128, true, rules), own_listener);
    EXPECT_EQ(judge_origin(make_address("127.0.0.1"), 9129, true, rules), allowed);
    EXPECT_EQ(judge_origin(make_address("127.0.0.2"), 9128, true, rules), allowed);
    EXPECT_EQ(judge_origin(make_address("192.168.0.6"), 3128, true, rules), allowed);
}

TEST(EgressTest, ListenerOnEveryAddressIsReachedThroughLoopback)
{
    for (const char* any : {"0.0.0.0", "::"}) {
        const egress_rules rules{{}, {{make_address(any), 3128}}};
        for (const char* to : {"127.0.0.1", "127.9.9.9", "::1", "0.0.0.0", "::"}) {
            EXPECT_EQ(judge_origin(make_address(to), 3128, true, rules), own_listener) << to;
        }
        EXPECT_EQ(judge_origin(make_address("192.168.0.5"), 3128, true, rules), allowed);
    }
}

TEST(EgressTest, UnspecifiedAddressMeansAListenerOnLoopbackAndNoOther)
{
    EXPECT_EQ(judge_origin(
                  make_address("0.0.0.0"), 3128, true, {{}, {{make_address("127.0.0.1"), 3128}}}),
        own_listener);
    EXPECT_NE(judge_origin(
                  make_address("0.0.0.0"), 3128, true, {{}, {{make_address("192.0.2.1"), 3128}}}),
        own_listener);
}

TEST(EgressTest, PeerIsPublicAndUnprivileged)
{
    const address own = make_address("9.9.9.9");
    for (const judged_address& judged : addresses) {
        EXPECT_EQ(judge_peer(make_address(judged.text), 4128, own, {}), judged.verdict)
            << judged.text;
    }
    EXPECT_EQ(judge_peer(make_address("8.8.8.8"), 1023, own, {}), port);
    EXPECT_EQ(judge_peer(make_address("8.8.8.8"), 80, own, {}), port);
    EXPECT_EQ(judge_peer(make_address("8.8.8.8"), 1024, own, {}), allowed);
}

TEST(EgressTest, PeersMeetOnLoopbackOnlyIfWeAreThere)
{
    const address other = make_address("127.0.0.1");
    EXPECT_EQ(judge_peer(other, 4129, make_address("127.0.0.1"), {}), allowed);
    EXPECT_EQ(judge_peer(other, 4129, make_address("::1"), {}), allowed);
    EXPECT_EQ(judge_peer(other, 4129, make_address("192.168.0.1"), {}), loopback);
    EXPECT_EQ(judge_peer(other, 4129, make_address("0.0.0.0"), {}), loopback);
}

TEST(EgressTest, PeersMeetOnPrivateNetworksOnlyIfWeAreOnOne)
{
    const address other = make_address("10.0.0.7");
    EXPECT_EQ(judge_peer(other, 4128, make_address("192.168.0.1"), {}), allowed);
    EXPECT_EQ(judge_peer(other, 4128, make_address("fd00::1"), {}), allowed);
    EXPECT_EQ(judge_peer(other, 4128, make_address("127.0.0.1"), {}), allowed);
    EXPECT_EQ(judge_peer(other, 4128, make_address("9.9.9.9"), {}), private_range);
    EXPECT_EQ(judge_peer(make_address("64:ff9b::10.0.0.7"), 4128, make_address("10.0.0.1"), {}),
        private_range);
}

TEST(EgressTest, AllowedTargetsMeanNothingForPeers)
{
    const egress_rules rules{{block("0.0.0.0", 0)}, {}};
    EXPECT_EQ(
        judge_peer(make_address("10.0.0.1"), 4128, make_address("9.9.9.9"), rules), private_range);
}

TEST(EgressTest, PeerIsNeverOurselves)
{
    const address own = make_address("127.0.0.1");
    const egress_rules rules{{}, {{own, 4128}}};
    EXPECT_EQ(judge_peer(own, 4128, own, rules), own_listener);
    EXPECT_EQ(judge_peer(own, 4129, own, rules), allowed);
}

TEST(AddressBlockTest, HoldsTheAddressesOfItsPrefix)
{
    EXPECT_TRUE(block("192.0.2.0", 24).contains(make_address("192.0.2.255")));
    EXPECT_FALSE(block("192.0.2.0", 24).contains(make_address("192.0.3.0")));
    EXPECT_TRUE(block("192.0.2.0", 23).contains(make_address("192.0.3.0")));
    EXPECT_TRUE(block("192.0.2.1", 32).contains(make_address("192.0.2.1")));
    EXPECT_FALSE(block("192.0.2.1", 32).contains(make_address("192.0.2.0")));
    EXPECT_TRUE(block("2001:db8::", 33).contains(make_address("2001:db8:7fff::")));
    EXPECT_FALSE(block("2001:db8::", 33).contains(make_address("2001:db8:8000::")));
    EXPECT_TRUE(block("192.0.2.77", 24).contains(make_address("192.0.2.1")));
}

TEST(AddressBlockTest, KeepsFamiliesApartAndSeesThroughMappedAddresses)
{
    EXPECT_FALSE(block("::", 0).contains(make_address("192.0.2.1")));
    EXPECT_FALSE(block("0.0.0.0", 0).contains(make_address("2001:db8::1")));
    EXPECT_TRUE(block("0.0.0.0", 0).contains(make_address("::ffff:192.0.2.1")));
    EXPECT_TRUE(block("::ffff:192.0.2.0", 120).contains(make_address("192.0.2.1")));
}

TEST(EgressTest, EveryVerdictHasASentenceOfItsOwn)
{
    std::set<std::string_view> sentences;
    for (int value = 0; value <= static_cast<int>(port); ++value) {
        sentences.insert(explain(static_cast<egress_verdict>(value)));
    }
    EXPECT_EQ(sentences.size(), static_cast<std::size_t>(port) + 1);
}

}  // namespace
}  // namespace proxy
