#include "cache/policy/entity_tag.hpp"

#include "tests/unit/cache/builders.hpp"

#include <gtest/gtest.h>

namespace cache {
namespace {

using support::fields;

// RFC 9110, section 8.8.3.
TEST(EntityTagTest, FollowsTheGrammar)
{
    for (const auto* text : {"\"a\"", "\"\"", "\"a,b\"", "\"a\\\"", "\"\x80\xff\"", "\"W/\""}) {
        const auto tag = parse_entity_tag(text);
        ASSERT_TRUE(tag) << text;
        EXPECT_EQ(tag->opaque, text);
        EXPECT_FALSE(tag->weak);
    }
    const auto weak = parse_entity_tag("W/\"a\"");
    ASSERT_TRUE(weak);
    EXPECT_EQ(weak->opaque, "\"a\"");
    EXPECT_TRUE(weak->weak);

    for (const auto* text : {"",
             "a",
             "\"",
             "\"a",
             "a\"",
             "w/\"a\"",
             "W\\\"a\"",
             "W/a",
             "W/",
             "W",
             "W/ \"a\"",
             "\"a b\"",
             "\"a\"b",
             "\"a\"\"b\"",
             "\"a\", \"b\""}) {
        EXPECT_FALSE(parse_entity_tag(text)) << text;
    }
}

TEST(EntityTagTest, ResponseWithMalformedOrSeveralTagsHasNone)
{
    EXPECT_TRUE(entity_tag_of(fields({{"ETag", "\"a\""}})));
    EXPECT_FALSE(entity_tag_of(fields({{"ETag", "a"}})));
    EXPECT_FALSE(entity_tag_of(fields({{"ETag", "\"a\""}, {"ETag", "\"a\""}})));
    EXPECT_FALSE(entity_tag_of({}));
}

// RFC 9110, section 8.8.3.2, its table.
TEST(EntityTagTest, ComparesStronglyAndWeakly)
{
    struct
    {
        std::string_view left;
        std::string_view right;
        bool strong;
        bool weak;
    } const cases[] = {
        {"W/\"1\"", "W/\"1\"", false, true},
        {"W/\"1\"", "W/\"2\"", false, false},
        {"W/\"1\"", "\"1\"", false, true},
        {"\"1\"", "\"1\"", true, true},
    };
    for (const auto& c : cases) {
        const auto left = *parse_entity_tag(c.left);
        const auto right = *parse_entity_tag(c.right);
        EXPECT_EQ(strong_match(left, right), c.strong) << c.left << c.right;
        EXPECT_EQ(weak_match(left, right), c.weak) << c.left << c.right;
    }
}

TEST(EntityTagTest, ListNamesTagAnywhereAndSkipsMalformedMembers)
{
    const auto tag = *parse_entity_tag("\"a\"");
    for (const auto* list : {"\"a\"",
             "W/\"a\"",
             "\"x\", \"a\"",
             "\"x\",\"a\",\"y\"",
             ", ,\"a\"",
             "x, \"a\"",
             "w/\"a\", \"a\"",
             "\"x y\", \"a\"",
             "\"x\\\", \"a\"",
             "\"x\"z, \"a\""}) {
        EXPECT_TRUE(names_tag(list, tag)) << list;
    }
    for (const auto* list :
        {"", "a", "w/\"a\"", "\"a", "\"a\"b", "\"b\"", "\"x,\"a\"", "\"A\"", "'\"a\"'", ","}) {
        EXPECT_FALSE(names_tag(list, tag)) << list;
    }
}

}  // namespace
}  // namespace cache
