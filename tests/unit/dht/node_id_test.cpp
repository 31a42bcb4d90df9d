#include "dht/core/node_id.hpp"

#include <gtest/gtest.h>

#include <string>

namespace dht {
namespace {

node_id with_first_octet(std::uint8_t octet)
{
    node_id::array octets{};
    octets[0] = octet;
    return node_id{octets};
}

TEST(NodeIdTest, TakesExactlyTwentyOctets)
{
    EXPECT_TRUE(node_id::from_octets(std::string(20, 'x')));
    EXPECT_FALSE(node_id::from_octets(std::string(19, 'x')));
    EXPECT_FALSE(node_id::from_octets(std::string(21, 'x')));
    EXPECT_FALSE(node_id::from_octets(""));
}

TEST(NodeIdTest, DistanceIsSymmetricAndZeroOnlyToItself)
{
    const node_id left = sha1("left");
    const node_id right = sha1("right");
    EXPECT_EQ(distance(left, right), distance(right, left));
    EXPECT_EQ(distance(left, left), node_id{});
    EXPECT_NE(distance(left, right), node_id{});
}

TEST(NodeIdTest, CommonPrefixCountsBitsFromTheTop)
{
    EXPECT_EQ(common_prefix(with_first_octet(0x00), with_first_octet(0x80)), 0U);
    EXPECT_EQ(common_prefix(with_first_octet(0x00), with_first_octet(0x01)), 7U);
    EXPECT_EQ(common_prefix(with_first_octet(0x42), with_first_octet(0x42)), 160U);
    node_id last;
    last.flip(159);
    EXPECT_EQ(common_prefix(node_id{}, last), 159U);
}

TEST(NodeIdTest, FlipChangesTheBitItNames)
{
    node_id id;
    EXPECT_FALSE(id.bit(9));
    id.flip(9);
    EXPECT_TRUE(id.bit(9));
    EXPECT_EQ(id.octets()[1], 0x40);
}

TEST(NodeIdTest, CloserComparesAsUnsignedDistance)
{
    const node_id target = with_first_octet(0x10);
    EXPECT_TRUE(is_closer(target, with_first_octet(0x11), with_first_octet(0x90)));
    EXPECT_FALSE(is_closer(target, with_first_octet(0x90), with_first_octet(0x11)));
    EXPECT_FALSE(is_closer(target, target, target));
}

TEST(NodeIdTest, Sha1IsTheOneOfFips180)
{
    EXPECT_EQ(to_string(sha1("abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
}

TEST(NodeIdTest, IndexKeySeparatesItsParts)
{
    EXPECT_EQ(index_key("n", "k", "v"), sha1(std::string{"n\0k\0v", 5}));
    EXPECT_NE(index_key("ab", "c", ""), index_key("a", "bc", ""));
    EXPECT_NE(index_key("a", "b", "gzip"), index_key("a", "b", ""));
}

TEST(NodeIdTest, ItsTextIsReadBackAndNothingElseIs)
{
    const node_id id = sha1("id");
    EXPECT_TRUE(parse_node_id(to_string(id)) == id);
    const std::string text = to_string(id);
    EXPECT_FALSE(parse_node_id(text.substr(1)));
    EXPECT_FALSE(parse_node_id(text + "0"));
    EXPECT_FALSE(parse_node_id(text.substr(2) + "0g"));
    EXPECT_FALSE(parse_node_id("0x" + text.substr(2)));
    EXPECT_FALSE(parse_node_id(" " + text.substr(1)));
    EXPECT_FALSE(parse_node_id("-" + text.substr(1)));
}

TEST(NodeIdTest, TellsTheDistanceAsAFractionOfTheSpace)
{
    node_id::array far{};
    far[0] = 0x40;
    far[1] = 0x80;
    EXPECT_DOUBLE_EQ(fraction_of_space(node_id{far}, node_id{}), 0.25 + 0.5 / 256);
    EXPECT_EQ(fraction_of_space(node_id{far}, node_id{far}), 0);
}

}  // namespace
}  // namespace dht
