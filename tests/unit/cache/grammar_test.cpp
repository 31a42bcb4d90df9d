#include "cache/policy/grammar.hpp"

#include "tests/unit/cache/builders.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace cache {
namespace {

using support::fields;

std::vector<std::string> members_of(const field_section& section, std::string_view name)
{
    std::vector<std::string> found;
    list_members_view members{section, name};
    while (const auto member = members.next()) {
        found.emplace_back(*member);
    }
    return found;
}

TEST(ListMembersTest, SkipsBlanksAndEmptyMembers)
{
    const auto section = fields({{"x", ",, a ,\t,b c,"}});
    EXPECT_EQ(members_of(section, "x"), (std::vector<std::string>{"a", "b c"}));
}

TEST(ListMembersTest, SeveralLinesAreOneList)
{
    const auto section = fields({{"X", "a"}, {"y", "-"}, {"x", ""}, {"x", "b, c"}});
    EXPECT_EQ(members_of(section, "x"), (std::vector<std::string>{"a", "b", "c"}));
}

TEST(ListMembersTest, CommaInQuotedStringSeparatesNothing)
{
    const auto section = fields({{"x", R"(a="1, 2", b="\",", c)"}});
    EXPECT_EQ(
        members_of(section, "x"), (std::vector<std::string>{R"(a="1, 2")", R"(b="\",")", "c"}));
}

TEST(ListMembersTest, UnclosedQuoteEndsWithItsLine)
{
    const auto section = fields({{"x", R"(a, "b, c\)"}, {"x", "d"}});
    EXPECT_EQ(members_of(section, "x"), (std::vector<std::string>{"a", R"("b, c\)", "d"}));
}

TEST(ListMembersTest, AbsentFieldHasNoMembers)
{
    EXPECT_TRUE(members_of(fields({{"y", "a"}}), "x").empty());
    EXPECT_TRUE(members_of({}, "accept").empty());
}

// RFC 9111, section 1.2.2.
TEST(DeltaSecondsTest, IsDigitsOnlyAndClampedAtTwoToThe31)
{
    struct
    {
        std::string_view text;
        std::int64_t seconds;
    } const valid[] = {
        {"0", 0},
        {"3600", 3600},
        {"003600", 3600},
        {"2147483647", 2147483647},
        {"2147483648", 2147483648},
        {"2147483649", 2147483648},
        {"99999999999", 2147483648},
        {"99999999999999999999999999999999", 2147483648},
    };
    for (const auto& c : valid) {
        EXPECT_EQ(parse_delta_seconds(c.text), std::chrono::seconds{c.seconds}) << c.text;
    }
    for (const auto* text :
        {"", "-1", "+1", "1.0", " 1", "1 ", "a1", "1a", "0x1", "'1'", "\"1\""}) {
        EXPECT_EQ(parse_delta_seconds(text), std::nullopt) << text;
    }
}

// RFC 9110, section 12.4.2.
TEST(WeightTest, IsAtMostOneWithThreeDigits)
{
    struct
    {
        std::string_view text;
        unsigned thousandths;
    } const valid[] = {
        {"", 1000},
        {";q=1", 1000},
        {";q=1.", 1000},
        {";q=1.000", 1000},
        {";q=0", 0},
        {"; q=0.5", 500},
        {";\tQ=0.05", 50},
        {";q=0.125", 125},
        {";q=0.001", 1},
    };
    for (const auto& c : valid) {
        EXPECT_EQ(parse_weight(c.text), c.thousandths) << c.text;
    }
    for (const auto* text : {";",
             ";q",
             ";q=",
             ";q=2",
             ";q=1.001",
             ";q=0.1234",
             ";q=.5",
             ";q=00",
             ";q=0,5",
             ";q=-1",
             ";q=0.a",
             ";level=1",
             "q=1",
             ";q =1",
             ";q=1;x=y"}) {
        EXPECT_EQ(parse_weight(text), std::nullopt) << text;
    }
}

}  // namespace
}  // namespace cache
