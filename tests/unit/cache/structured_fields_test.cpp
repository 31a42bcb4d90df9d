#include "cache/policy/structured_fields.hpp"

#include <gtest/gtest.h>

#include <string>

namespace cache {
namespace {

using type = structured_type;

// The value of the one member `a`; nothing if the text is no dictionary of it alone.
std::optional<structured_value> value_of(const std::string& text)
{
    const auto members = parse_structured_dictionary("a=" + text);
    if (!members || members->size() != 1 || members->front().first != "a") {
        return std::nullopt;
    }
    return members->front().second;
}

structured_value value(type what, std::int64_t number, std::string text = {})
{
    return {what, number, std::move(text)};
}

// RFC 9651, section 4.2.2.
TEST(StructuredFieldsTest, ADictionaryIsMembersWithCommasBetween)
{
    EXPECT_EQ(parse_structured_dictionary(""), structured_dictionary{});
    EXPECT_EQ(parse_structured_dictionary("  "), structured_dictionary{});
    const structured_dictionary expected{
        {"max-age", value(type::integer, 10)}, {"no-store", value(type::boolean, 1)}};
    for (const char* text : {"max-age=10, no-store",
             " max-age=10,no-store",
             "max-age=10 ,\tno-store ",
             "max-age=10;x=\"1, 2\", no-store;a;b=?0",
             "max-age=1, max-age=10, no-store"}) {
        EXPECT_EQ(parse_structured_dictionary(text), expected) << text;
    }
    for (const char* text : {",",
             "a,",
             "a,,b",
             "a b",
             "a =1",
             "a= 1",
             "A",
             "aB",
             "1a",
             "-a",
             "a=",
             "a;",
             "a;B",
             "a;b=",
             "a ;b",
             "a=1, &&&&&",
             "\ta",
             "a\x7f"}) {
        EXPECT_FALSE(parse_structured_dictionary(text)) << text;
    }
    EXPECT_TRUE(parse_structured_dictionary("*, a_-.*9; x"));
}

// A key that comes again has its last value and place.
TEST(StructuredFieldsTest, OfDuplicatesTheLastCounts)
{
    const structured_dictionary expected{
        {"b", value(type::integer, 2)}, {"a", value(type::integer, 3)}};
    EXPECT_EQ(parse_structured_dictionary("a=1, b=2, a=3"), expected);
}

// Section 4.2.4.
TEST(StructuredFieldsTest, NumbersHaveAtMostFifteenDigits)
{
    EXPECT_EQ(value_of("0"), value(type::integer, 0));
    EXPECT_EQ(value_of("-7"), value(type::integer, -7));
    EXPECT_EQ(value_of("007"), value(type::integer, 7));
    EXPECT_EQ(value_of("999999999999999"), value(type::integer, 999'999'999'999'999));
    EXPECT_EQ(value_of("-1.5"), value(type::decimal, -1'500));
    EXPECT_EQ(value_of("123456789012.005"), value(type::decimal, 123'456'789'012'005));
    for (const char* text :
        {"1000000000000000", "-", "--1", "+1", "1.", ".5", "1.2345", "1234567890123.0", "1e3"}) {
        EXPECT_FALSE(value_of(text)) << text;
    }
}

// Sections 4.2.5 and 4.2.6.
TEST(StructuredFieldsTest, StringsAreQuotedAndTokensAreNot)
{
    EXPECT_EQ(value_of("\"a, b\""), value(type::string, 0, "a, b"));
    EXPECT_EQ(value_of("\"\\\"\\\\\""), value(type::string, 0, "\"\\"));
    EXPECT_EQ(value_of("\"\""), value(type::string, 0));
    EXPECT_EQ(value_of("foo/Bar:*"), value(type::token, 0, "foo/Bar:*"));
    EXPECT_EQ(value_of("*x"), value(type::token, 0, "*x"));
    for (const char* text :
        {"\"", "\"a", "\"\\a\"", "\"\t\"", "\"\xc3\xa9\"", "'a'", "/a", "a\""}) {
        EXPECT_FALSE(value_of(text)) << text;
    }
}

// Section 4.2.7.
TEST(StructuredFieldsTest, ByteSequencesAreBase64BetweenColons)
{
    EXPECT_EQ(value_of(":aGVsbG8=:"), value(type::byte_sequence, 0, "hello"));
    EXPECT_EQ(value_of(":aGVsbG8:"), value(type::byte_sequence, 0, "hello"))
        << "padding is missing";
    EXPECT_EQ(value_of("::"), value(type::byte_sequence, 0));
    for (const char* text : {":", ":aGVsbG8=", ":a:", ":_-==:", ":a=b=:", ":aGVs bG8=:"}) {
        EXPECT_FALSE(value_of(text)) << text;
    }
}

// Sections 4.2.8 and 4.2.9.
TEST(StructuredFieldsTest, BooleansAndDates)
{
    EXPECT_EQ(value_of("?1"), value(type::boolean, 1));
    EXPECT_EQ(value_of("?0"), value(type::boolean, 0));
    EXPECT_EQ(value_of("@1659578233"), value(type::date, 1'659'578'233));
    EXPECT_EQ(value_of("@-1"), value(type::date, -1));
    for (const char* text : {"?", "?2", "?01", "@", "@1.0", "@a"}) {
        EXPECT_FALSE(value_of(text)) << text;
    }
}

// Section 4.2.10.
TEST(StructuredFieldsTest, DisplayStringsAreUtf8)
{
    EXPECT_EQ(value_of("%\"f%c3%bc\""), value(type::display_string, 0, "f\xc3\xbc"));
    EXPECT_EQ(
        value_of("%\"%f0%9f%aa%b8 %25\""), value(type::display_string, 0, "\xf0\x9f\xaa\xb8 %"));
    for (const char* text : {"%",
             "%a",
             "%\"",
             "%\"%C3%BC\"",
             "%\"%c3\"",
             "%\"%bc\"",
             "%\"%c0%80\"",
             "%\"%ed%a0%80\"",
             "%\"%f4%90%80%80\"",
             "%\"%f8%80%80%80%80\"",
             "%\"%2\"",
             "%\"\xc3\xbc\""}) {
        EXPECT_FALSE(value_of(text)) << text;
    }
}

// Section 4.2.1.2: their members are checked although nobody reads them.
TEST(StructuredFieldsTest, InnerListsStandInParentheses)
{
    for (const char* text : {"()", "( 1  \"b\" )", "(a;q=1 :YQ==:);p=(", "(a b);x=?1"}) {
        const bool is_bad = std::string{text}.ends_with("=(");
        EXPECT_EQ(value_of(text).has_value(), !is_bad) << text;
    }
    EXPECT_EQ(value_of("(1 2)")->type, type::inner_list);
    for (const char* text : {"(", "(1", "(1,2)", "(1\t2)", "(1 &)", "((1))", "(a;B)"}) {
        EXPECT_FALSE(value_of(text)) << text;
    }
}

}  // namespace
}  // namespace cache
