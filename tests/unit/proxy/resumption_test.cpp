#include "proxy/core/resumption.hpp"

#include <gtest/gtest.h>

namespace proxy {
namespace {

using cache::field;

cache::stored_response begun(std::string_view tag)
{
    cache::stored_response response;
    response.status = 200;
    if (!tag.empty()) {
        response.fields.add(field::etag, tag);
    }
    return response;
}

http1::response_head answer(unsigned status, std::string_view tag, std::string_view range = {})
{
    http1::response_head head;
    head.status = status;
    head.framing = http1::body_framing::chunked;
    if (!tag.empty()) {
        head.fields.add(field::etag, tag);
    }
    if (!range.empty()) {
        head.fields.add(field::content_range, range);
    }
    return head;
}

TEST(ResumptionTest, AsksForTheRestOnlyWithAStrongTag)
{
    EXPECT_EQ(resume_fields(begun("\"a\""), 5).first(field::range), "bytes=5-");
    EXPECT_EQ(resume_fields(begun("\"a\""), 5).first(field::if_range), "\"a\"");
    EXPECT_TRUE(resume_fields(begun("W/\"a\""), 5).empty());
    EXPECT_TRUE(resume_fields(begun(""), 5).empty());
    EXPECT_TRUE(resume_fields(begun("\"a\""), 0).empty());
}

TEST(ResumptionTest, APartThatBeginsWhereWeStoppedNeedsNoComparison)
{
    EXPECT_EQ(known_octets(begun("\"a\""), 10, 5, answer(206, "\"a\"", "bytes 5-9/10")), 0U);
}

// Who takes a part for longer than it is would wait for the rest, or take the next response for it.
TEST(ResumptionTest, APartIsAsLongAsItsRangeSays)
{
    http1::response_head part = answer(206, "\"a\"", "bytes 5-9/10");
    EXPECT_EQ(known_octets(begun("\"a\""), std::nullopt, 5, part), std::nullopt);
    part.framing = http1::body_framing::content_length;
    part.content_length = 5;
    EXPECT_EQ(known_octets(begun("\"a\""), std::nullopt, 5, part), 0U);
    part.content_length = 4;
    EXPECT_EQ(known_octets(begun("\"a\""), 10, 5, part), std::nullopt);
}

TEST(ResumptionTest, TheWholeIsComparedUpToWhereWeStopped)
{
    EXPECT_EQ(known_octets(begun("\"a\""), 10, 5, answer(200, "\"a\"")), 5U);
    EXPECT_EQ(known_octets(begun(""), std::nullopt, 7, answer(200, "")), 7U);
}

TEST(ResumptionTest, AnotherVersionIsNotGoneOnWith)
{
    EXPECT_EQ(known_octets(begun("\"a\""), 10, 5, answer(200, "\"b\"")), std::nullopt);
    EXPECT_EQ(
        known_octets(begun("\"a\""), 10, 5, answer(206, "\"b\"", "bytes 5-9/10")), std::nullopt);
}

TEST(ResumptionTest, AnotherRangeOrLengthIsNotGoneOnWith)
{
    for (const char* range : {"bytes 4-9/10",
             "bytes 5-8/10",
             "bytes 5-10/11",
             "bytes 5-9/*",
             "bytes 9-5/10",
             "5-9/10",
             "bytes 5-9/10x",
             "bytes 5-18446744073709551616/10"}) {
        EXPECT_EQ(known_octets(begun("\"a\""), 10, 5, answer(206, "\"a\"", range)), std::nullopt)
            << range;
    }
    http1::response_head whole = answer(200, "\"a\"");
    whole.framing = http1::body_framing::content_length;
    whole.content_length = 11;
    EXPECT_EQ(known_octets(begun("\"a\""), 10, 5, whole), std::nullopt);
}

TEST(ResumptionTest, AnErrorIsNotGoneOnWith)
{
    EXPECT_EQ(known_octets(begun(""), std::nullopt, 5, answer(503, "")), std::nullopt);
    EXPECT_EQ(
        known_octets(begun(""), std::nullopt, 5, answer(206, "", "bytes 5-9/10")), std::nullopt);
}

}  // namespace
}  // namespace proxy
