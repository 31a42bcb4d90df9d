#include "cache/policy/slices.hpp"

#include "tests/unit/cache/builders.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <optional>

namespace cache {
namespace {

using support::fields;

constexpr std::uint64_t whole_line = std::numeric_limits<std::uint64_t>::max();

TEST(SliceMapTest, CutsABodyAtFixedPlaces)
{
    const slice_map map{.body_octets = 2 * slice_octets + 1, .number = 7};
    EXPECT_EQ(map.slices(), 3U);
    EXPECT_EQ(map.range_of(0), (byte_range{0, slice_octets}));
    EXPECT_EQ(map.range_of(1), (byte_range{slice_octets, slice_octets}));
    EXPECT_EQ(map.range_of(2), (byte_range{2 * slice_octets, 1}));
    EXPECT_EQ((slice_map{.body_octets = slice_octets}).slices(), 1U);
}

TEST(SliceMapTest, IsReadAsItWasWritten)
{
    for (const slice_map map : {slice_map{1, 0}, slice_map{123'456'789, whole_line}}) {
        EXPECT_EQ(decode_slice_map(encode_slice_map(map)), map);
    }
    for (const auto* text : {"",
             " ",
             "1",
             "1 ",
             " 1",
             "0 1",
             "1 2 ",
             "1 2x",
             "1  2",
             "-1 2",
             "10000000000000000 1",
             "g 1"}) {
        EXPECT_EQ(decode_slice_map(text), std::nullopt) << text;
    }
}

TEST(SliceMapTest, LiesBesideTheResponsesAndGoesWithTheirUrl)
{
    const cache_key key("http", "a.example", 80, "/b", "https://o.example");
    const cache_key map = key_of_slice_map(key);
    EXPECT_NE(map, key);
    EXPECT_NE(map.hash(), key.hash());
    EXPECT_EQ(map.url(), key.url());
    EXPECT_EQ(map.url_hash(), key.url_hash());
    // No Origin makes such a key.
    EXPECT_NE(map, cache_key("http", "a.example", 80, "/b", "https://o.example slices"));
}

TEST(SliceMapTest, SlicesOfTwoMapsHaveNothingInCommon)
{
    const slice_map one{.body_octets = 10 * slice_octets, .number = 1};
    const slice_map two{.body_octets = 10 * slice_octets, .number = 2};
    EXPECT_NE(key_of_slice(one, 0), key_of_slice(two, 0));
    EXPECT_NE(key_of_slice(one, 0), key_of_slice(one, 1));
    EXPECT_NE(key_of_slice(one, 0x11), key_of_slice(slice_map{10, 0x11}, 1));
    EXPECT_TRUE(key_of_slice(one, 0).url().starts_with("slice://"));
}

TEST(SlicesToAskForTest, AreThoseThatTheRangeTouches)
{
    struct
    {
        std::string_view range;
        std::optional<octet_span> expected;
    } const cases[] = {
        {"bytes=0-0", octet_span{0, slice_octets}},
        {"bytes=0-1048575", octet_span{0, slice_octets}},
        {"bytes=0-1048576", octet_span{0, 2 * slice_octets}},
        {"bytes=1048576-1048576", octet_span{slice_octets, 2 * slice_octets}},
        {"bytes=1500000-", octet_span{slice_octets, whole_line}},
        {"bytes=0-18446744073709551615", octet_span{0, whole_line}},
        {"bytes=-5", octet_span{0, slice_octets}},
        {"bytes=5000000-5000001,7-8", octet_span{0, slice_octets}},
        {"bytes=1-0", std::nullopt},
        {"lines=0-1", std::nullopt},
        {"", std::nullopt},
    };
    for (const auto& c : cases) {
        EXPECT_EQ(slices_to_ask_for(fields({{"Range", c.range}})), c.expected) << c.range;
    }
    EXPECT_EQ(slices_to_ask_for({}), std::nullopt);
}

// RFC 9110, section 15.3.7.
TEST(BringsTest, PartBeginsWhereItWasAskedForAndEndsThereOrWithTheBody)
{
    const octet_span asked{10, 20};
    EXPECT_TRUE(brings({10, 19, 100}, asked, 10));
    EXPECT_TRUE(brings({10, 19, 100}, asked, std::nullopt));
    EXPECT_TRUE(brings({10, 14, 15}, asked, 5));
    EXPECT_FALSE(brings({10, 19, 100}, asked, 9));
    EXPECT_FALSE(brings({10, 18, 100}, asked, 9));
    EXPECT_FALSE(brings({10, 20, 100}, asked, 11));
    EXPECT_FALSE(brings({9, 19, 100}, asked, 11));
    EXPECT_FALSE(brings({11, 19, 100}, asked, 9));
    EXPECT_TRUE(brings({10, 99, 100}, {10, whole_line}, 90));
}

}  // namespace
}  // namespace cache
