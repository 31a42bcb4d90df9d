#include "dht/core/shortlist.hpp"

#include <gtest/gtest.h>

namespace dht {
namespace {

using progress = shortlist::progress;

// At distance `octet` from the zero target.
contact at_distance(std::uint8_t octet)
{
    contact who;
    node_id::array octets{};
    octets[0] = octet;
    who.id = node_id{octets};
    who.at = {boost::asio::ip::address_v4{0x0a000000U + octet}, 4128};
    return who;
}

TEST(ShortlistTest, SortsByDistanceAndTakesNobodyTwice)
{
    shortlist list{node_id{}, 10};
    list.add({at_distance(9), at_distance(3), at_distance(5), at_distance(3)});
    ASSERT_EQ(list.closest_first().size(), 3U);
    EXPECT_EQ(list.closest_first()[0].who.id, at_distance(3).id);
    EXPECT_EQ(list.closest_first()[2].who.id, at_distance(9).id);
}

TEST(ShortlistTest, AnEndpointHasOneIdOnly)
{
    shortlist list{node_id{}, 10};
    contact liar = at_distance(1);
    liar.at = at_distance(9).at;
    list.add({at_distance(9), liar});
    EXPECT_EQ(list.closest_first().size(), 1U);
}

TEST(ShortlistTest, WhenFullACloserOneReplacesTheFarthestNotYetAsked)
{
    shortlist list{node_id{}, 2};
    list.add({at_distance(5), at_distance(9)});
    list.mark(at_distance(9).at, progress::asked);
    list.add(at_distance(7));
    EXPECT_EQ(list.count(progress::known), 1U);
    EXPECT_EQ(list.closest_first()[0].who.id, at_distance(5).id);
    list.add(at_distance(3));
    ASSERT_EQ(list.closest_first().size(), 2U);
    EXPECT_EQ(list.closest_first()[0].who.id, at_distance(3).id);
    EXPECT_EQ(list.closest_first()[1].who.id, at_distance(9).id);
}

TEST(ShortlistTest, WhenAllWereAskedNobodyIsReplaced)
{
    shortlist list{node_id{}, 1};
    list.add(at_distance(9));
    list.mark(at_distance(9).at, progress::answered);
    list.add(at_distance(1));
    EXPECT_EQ(list.closest_first()[0].who.id, at_distance(9).id);
    list.mark(at_distance(1).at, progress::failed);
    EXPECT_EQ(list.count(progress::failed), 0U);
}

}  // namespace
}  // namespace dht
