#include "cache/policy/field_section.hpp"

#include <gtest/gtest.h>

namespace cache {
namespace {

TEST(FieldSectionTest, FindsNamesWithoutRegardToCase)
{
    field_section fields;
    fields.add("cOnTent-tYpe", "text/html");
    fields.add("X-Unlisted", "a");
    EXPECT_EQ(fields.first(field::content_type), "text/html");
    EXPECT_EQ(fields.first("CONTENT-TYPE"), "text/html");
    EXPECT_EQ(fields.first("x-uNLISTED"), "a");
    EXPECT_FALSE(fields.contains("X-Unlist"));
}

TEST(FieldSectionTest, KeepsSpellingAndOrderOfLines)
{
    field_section fields;
    fields.add("b", "1");
    fields.add("A", "2");
    fields.add("B", "3");
    std::string seen;
    for (const field_section::line line : fields) {
        seen.append(line.name).append("=").append(line.value).append(";");
    }
    EXPECT_EQ(seen, "b=1;A=2;B=3;");
}

TEST(FieldSectionTest, JoinsLinesOfOneName)
{
    field_section fields;
    fields.add("Accept", "a");
    fields.add("Host", "h");
    fields.add("accept", "b, c");
    EXPECT_EQ(fields.combined(field::accept), "a, b, c");
    EXPECT_EQ(fields.combined("x"), std::nullopt);
    EXPECT_EQ(fields.count(field::accept), 2U);
}

TEST(FieldSectionTest, EraseTakesEveryLineOfTheNameAndNoOther)
{
    field_section fields;
    fields.add("x-a", "1");
    fields.add("x-ab", "2");
    fields.add("X-A", "3");
    EXPECT_EQ(fields.erase("X-a"), 2U);
    EXPECT_EQ(fields.size(), 1U);
    EXPECT_EQ(fields.first("x-ab"), "2");
    EXPECT_EQ(fields.erase("x-a"), 0U);
}

TEST(FieldSectionTest, SetReplacesEveryLine)
{
    field_section fields;
    fields.add(field::age, "1");
    fields.add(field::age, "2");
    fields.set(field::age, "3");
    EXPECT_EQ(fields.combined(field::age), "3");
}

TEST(FieldSectionTest, ComparesNamesWithoutAndValuesWithCase)
{
    field_section one;
    one.add("A", "x");
    field_section other;
    other.add("a", "x");
    EXPECT_EQ(one, other);
    other.set("a", "X");
    EXPECT_NE(one, other);
}

TEST(FieldGrammarTest, TokenHasNoSeparatorAndIsNotEmpty)
{
    EXPECT_TRUE(is_token("X-Y_z~1!"));
    for (const char* text : {"", "a b", "a:", "a\t", "\"a\"", "a\x80", "a(", "{}"}) {
        EXPECT_FALSE(is_token(text)) << text;
    }
}

TEST(FieldGrammarTest, ValueHasNoControlCharacterAndNoBlankAtItsEnds)
{
    EXPECT_TRUE(is_field_value(""));
    EXPECT_TRUE(is_field_value("a \t b"));
    EXPECT_TRUE(is_field_value("\x80\xff"));
    const std::vector<std::string_view> refused{
        " a", "a ", "a\t", "a\r", "a\nb", "a\x7f", {"a\0b", 3}};
    for (const std::string_view text : refused) {
        EXPECT_FALSE(is_field_value(text)) << text;
    }
}

}  // namespace
}  // namespace cache
