#include "cache/policy/range.hpp"

#include "tests/unit/cache/builders.hpp"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace cache {
namespace {

using namespace std::chrono_literals;
using support::date_at;
using support::fields;
using support::noon;
using support::stored;

range_decision part(std::uint64_t first, std::uint64_t octets)
{
    return {.outcome = range_outcome::part, .part = {first, octets}};
}

range_decision parts(std::vector<byte_range> ranges)
{
    return {.outcome = range_outcome::parts, .parts = std::move(ranges)};
}

const range_decision whole{.part = {0, 10}};
const range_decision unsatisfiable{.outcome = range_outcome::unsatisfiable};

// RFC 9110, sections 14.1.2 and 14.2, for a body of ten octets.
TEST(RangeTest, SingleRangeIsCutToTheBody)
{
    struct
    {
        std::string_view range;
        range_decision expected;
    } const cases[] = {
        {"bytes=0-1", part(0, 2)},
        {"bytes=0-0", part(0, 1)},
        {"bytes=1-", part(1, 9)},
        {"bytes=-1", part(9, 1)},
        {"BYTES=0-1", part(0, 2)},
        {"bytes=0-9", part(0, 10)},
        {"bytes=0-", part(0, 10)},
        {"bytes=5-100", part(5, 5)},
        {"bytes=-100", part(0, 10)},
        {"bytes=0-99999999999999999999999", part(0, 10)},
        {"bytes=-99999999999999999999999", part(0, 10)},
        {"bytes=0009-0009", part(9, 1)},
        {"bytes=10-", unsatisfiable},
        {"bytes=10-20", unsatisfiable},
        {"bytes=99999999999999999999999-", unsatisfiable},
        {"bytes=18446744073709551615-18446744073709551615", unsatisfiable},
        {"bytes=-0", unsatisfiable},
        {"bytes=2-1", whole},
        {"bytes=", whole},
        {"bytes=-", whole},
        {"bytes", whole},
        {"bytes=1", whole},
        {"bytes=a-b", whole},
        {"bytes=0-1x", whole},
        {"bytes=--1", whole},
        {"bytes= 0-1", whole},
        {"bytes =0-1", whole},
        {"bytes=0 - 1", whole},
        {"bytes=+0-1", whole},
        {"bytes=,", whole},
        {"lines=0-1", whole},
        {"0-1", whole},
        {"-1", whole},
        {"", whole},
    };
    for (const auto& c : cases) {
        EXPECT_EQ(resolve_range(fields({{"Range", c.range}}), stored({})), c.expected) << c.range;
    }
    EXPECT_EQ(resolve_range({}, stored({})), whole);
    EXPECT_EQ(
        resolve_range(fields({{"Range", "bytes=0-1"}, {"Range", "bytes=0-1"}}), stored({})), whole);
}

TEST(RangeTest, SeveralRangesAreKeptIfTheyAreFewAndApart)
{
    struct
    {
        std::string_view range;
        range_decision expected;
    } const cases[] = {
        {"bytes=0-1,3-4", parts({{0, 2}, {3, 2}})},
        {"bytes=0-1 ,\t3-4", parts({{0, 2}, {3, 2}})},
        {"bytes=3-4,0-1", parts({{3, 2}, {0, 2}})},
        {"bytes=0-1,2-3", parts({{0, 2}, {2, 2}})},
        {"bytes=0-0,-1", parts({{0, 1}, {9, 1}})},
        {"bytes=0-1,", part(0, 2)},
        {"bytes=,0-1", part(0, 2)},
        {"bytes=0-1,10-", part(0, 2)},
        {"bytes=10-,20-30", unsatisfiable},
        {"bytes=10-,-0", unsatisfiable},
        {"bytes=0-5,2-7", whole},
        {"bytes=2-7,0-5", whole},
        {"bytes=0-9,4-4", whole},
        {"bytes=0-,0-", whole},
        {"bytes=0-1,3-2", whole},
        {"bytes=0-1,x", whole},
        {"bytes=0-0,1-1,2-2,3-3,4-4,5-5,6-6,7-7",
            parts({{0, 1}, {1, 1}, {2, 1}, {3, 1}, {4, 1}, {5, 1}, {6, 1}, {7, 1}})},
        {"bytes=0-0,1-1,2-2,3-3,4-4,5-5,6-6,7-7,8-8", whole},
    };
    for (const auto& c : cases) {
        EXPECT_EQ(resolve_range(fields({{"Range", c.range}}), stored({})), c.expected) << c.range;
    }
}

TEST(RangeTest, EmptyBodyHasNoParts)
{
    stored_response empty = stored({});
    empty.body_octets = 0;
    EXPECT_EQ(resolve_range(fields({{"Range", "bytes=0-"}}), empty).outcome,
        range_outcome::unsatisfiable);
    EXPECT_EQ(resolve_range(fields({{"Range", "bytes=-1"}}), empty), range_decision{});
}

TEST(RangeTest, OnlyA200HasParts)
{
    const auto request = fields({{"Range", "bytes=0-1"}});
    for (const unsigned status : {203U, 301U, 404U}) {
        EXPECT_EQ(resolve_range(request, stored({}, {}, status)), whole) << status;
    }
}

// RFC 9110, section 13.1.5.
TEST(RangeTest, IfRangeNeedsTheSameStrongValidator)
{
    const std::string modified = date_at(noon - 1h);
    const auto tagged = stored(fields({{"ETag", "\"a\""}, {"Last-Modified", modified}}));
    const auto weak = stored(fields({{"ETag", "W/\"a\""}}));
    const auto just_modified = stored(fields({{"Last-Modified", date_at(noon)}}));
    struct
    {
        std::string if_range;
        const stored_response& response;
        bool holds;
    } const cases[] = {
        {"\"a\"", tagged, true},
        {"\"b\"", tagged, false},
        {"W/\"a\"", tagged, false},
        {"a", tagged, false},
        {"", tagged, false},
        {"\"a\", \"b\"", tagged, false},
        {"W/\"a\"", weak, false},
        {"\"a\"", weak, false},
        {modified, tagged, true},
        {date_at(noon - 1h + 1s), tagged, false},
        {date_at(noon), just_modified, false},
    };
    for (const auto& c : cases) {
        const auto request = fields({{"Range", "bytes=0-1"}, {"If-Range", c.if_range}});
        EXPECT_EQ(resolve_range(request, c.response), c.holds ? part(0, 2) : whole) << c.if_range;
    }
    const auto twice =
        fields({{"Range", "bytes=0-1"}, {"If-Range", "\"a\""}, {"If-Range", "\"a\""}});
    EXPECT_EQ(resolve_range(twice, tagged), whole);
}

// RFC 9110, section 14.4.
TEST(RangeTest, ContentRangeNamesThePartAndTheWhole)
{
    EXPECT_EQ(content_range({0, 1}, 10), "bytes 0-0/10");
    EXPECT_EQ(content_range({5, 5}, 10), "bytes 5-9/10");
    EXPECT_EQ(unsatisfied_content_range(10), "bytes */10");
}

// RFC 9110, section 14.6.
TEST(RangeTest, MultipartBodyHasAHeadBeforeEachPart)
{
    EXPECT_EQ(multipart_head("xyz", "text/plain", {5, 5}, 10),
        "\r\n--xyz\r\nContent-Type: text/plain\r\nContent-Range: bytes 5-9/10\r\n\r\n");
    EXPECT_EQ(
        multipart_head("xyz", "", {5, 5}, 10), "\r\n--xyz\r\nContent-Range: bytes 5-9/10\r\n\r\n");
    EXPECT_EQ(multipart_end("xyz"), "\r\n--xyz--\r\n");
}

TEST(RangeTest, ContentRangeIsReadOnlyWhereItSaysAll)
{
    const auto range = parse_content_range("bytes 2-9/10");
    ASSERT_TRUE(range);
    EXPECT_EQ(range->first, 2U);
    EXPECT_EQ(range->last, 9U);
    EXPECT_EQ(range->complete, 10U);
    for (const auto* text : {"",
             "bytes 2-9",
             "bytes 2-9/*",
             "bytes */10",
             "bytes 9-2/10",
             "bytes 2-10/10",
             "bytes 2-9/10 ",
             "bytes  2-9/10",
             "lines 2-9/10",
             "bytes=2-9/10",
             "bytes 2-9/99999999999999999999",
             "bytes -9/10"}) {
        EXPECT_FALSE(parse_content_range(text)) << text;
    }
}

}  // namespace
}  // namespace cache
