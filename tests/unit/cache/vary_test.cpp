#include "cache/policy/vary.hpp"

#include "tests/unit/cache/builders.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace cache {
namespace {

using namespace std::chrono_literals;
using support::fields;
using support::stored;

struct selection
{
    std::string_view what;
    std::string_view vary;
    field_section first;
    field_section second;
    bool selected;
};

// RFC 9111, section 4.1.
const selection selections[] = {
    {"no Vary", "", fields({{"Foo", "1"}}), fields({{"Foo", "2"}}), true},
    {"match", "Foo", fields({{"Foo", "1"}}), fields({{"Foo", "1"}}), true},
    {"mismatch", "Foo", fields({{"Foo", "1"}}), fields({{"Foo", "2"}}), false},
    {"names in another letter case", "fOO", fields({{"foo", "1"}}), fields({{"FOO", "1"}}), true},
    {"values in another letter case", "Foo", fields({{"Foo", "a"}}), fields({{"Foo", "A"}}), false},
    {"absent in the second", "Foo", fields({{"Foo", "1"}}), {}, false},
    {"absent in the first", "Foo", {}, fields({{"Foo", "1"}}), false},
    {"absent in the first, empty in the second", "Foo", {}, fields({{"Foo", ""}}), false},
    {"absent in both", "Foo", {}, fields({{"Bar", "1"}}), true},
    {"two match",
        "Foo, Bar",
        fields({{"Foo", "1"}, {"Bar", "a"}}),
        fields({{"Bar", "a"}, {"Foo", "1"}}),
        true},
    {"one of two differs",
        "Foo, Bar",
        fields({{"Foo", "1"}, {"Bar", "a"}}),
        fields({{"Foo", "1"}, {"Bar", "b"}}),
        false},
    {"one of two is absent",
        "Foo, Bar",
        fields({{"Foo", "1"}}),
        fields({{"Foo", "1"}, {"Bar", "b"}}),
        false},
    {"third differs",
        "Foo, Bar, Baz",
        fields({{"Foo", "1"}, {"Bar", "a"}, {"Baz", "x"}}),
        fields({{"Foo", "1"}, {"Bar", "a"}, {"Baz", "y"}}),
        false},
    {"what is not named does not count",
        "Foo",
        fields({{"Foo", "1"}, {"Bar", "a"}}),
        fields({{"Foo", "1"}, {"Bar", "b"}}),
        true},
    {"lines and list are equal",
        "Foo",
        fields({{"Foo", "1"}, {"Foo", "2"}}),
        fields({{"Foo", "1, 2"}}),
        true},
    {"blanks after commas", "Foo", fields({{"Foo", "1,2"}}), fields({{"Foo", "1, ,2"}}), true},
    {"order counts", "Foo", fields({{"Foo", "1, 2"}}), fields({{"Foo", "2, 1"}}), false},
    {"a prefix is another list", "Foo", fields({{"Foo", "1, 2"}}), fields({{"Foo", "1"}}), false},
    {"an unclosed quote ends with its line",
        "Foo",
        fields({{"Foo", "1, \""}, {"Foo", "2"}}),
        fields({{"Foo", "1, \", 2"}}),
        false},
    {"Cookie is no list",
        "Cookie",
        fields({{"Cookie", "a=1,2"}}),
        fields({{"Cookie", "a=1, 2"}}),
        false},
    {"same Cookie",
        "Cookie",
        fields({{"Cookie", "a=1,2"}}),
        fields({{"X", ""}, {"Cookie", "a=1,2"}}),
        true},
    {"another User-Agent",
        "User-Agent",
        fields({{"User-Agent", "a"}}),
        fields({{"User-Agent", "b"}}),
        false},
    {"languages in any order, letter case and spacing",
        "Accept-Language",
        fields({{"Accept-Language", "en-GB,de;q=0.5"}}),
        fields({{"Accept-Language", "DE;q=0.5 ,  en-gb"}}),
        true},
    {"other languages",
        "Accept-Language",
        fields({{"Accept-Language", "en, de"}}),
        fields({{"Accept-Language", "en, fr"}}),
        false},
    {"a language twice hides no other",
        "Accept-Language",
        fields({{"Accept-Language", "en, de"}}),
        fields({{"Accept-Language", "en, en"}}),
        false},
    {"codings of one class",
        "Accept-Encoding",
        fields({{"Accept-Encoding", "gzip, deflate"}}),
        fields({{"Accept-Encoding", "gzip;q=0.7"}}),
        true},
    {"codings of two classes",
        "Accept-Encoding",
        fields({{"Accept-Encoding", "gzip, br"}}),
        fields({{"Accept-Encoding", "gzip"}}),
        false},
    {"no codings and identity are one class",
        "Accept-Encoding",
        {},
        fields({{"Accept-Encoding", "identity"}}),
        true},
};

TEST(VaryTest, SelectsWhereEachNamedFieldMeansTheSame)
{
    for (const auto& c : selections) {
        const auto response = stored(fields({{"Vary", c.vary}}), c.first);
        EXPECT_EQ(selects(response, c.second), c.selected) << c.what;
        EXPECT_TRUE(selects(response, c.first)) << c.what;
    }
}

// RFC 9110, section 12.5.5; list syntax of section 5.6.1.
TEST(VaryTest, StarAnywhereMatchesNoRequest)
{
    for (const auto* value : {"*", "*, *", ", *", "*, Foo", "Foo, *", "Foo,*,Bar", " * ,"}) {
        const auto response =
            fields({{"Vary", std::string_view{value}.substr(value[0] == ' ' ? 1 : 0)}});
        EXPECT_TRUE(varies_on_everything(response)) << value;
        EXPECT_FALSE(selects(stored(response), {})) << value;
    }
    const auto lines = fields({{"Vary", "Foo"}, {"Vary", "*"}});
    EXPECT_TRUE(varies_on_everything(lines));
    EXPECT_FALSE(selects(stored(lines), {}));
}

TEST(VaryTest, WhatIsNoFieldNameOrTooLongMatchesNoRequest)
{
    std::string names{"a0"};
    for (std::size_t i = 1; i != max_vary_names; ++i) {
        names += ", a" + std::to_string(i);
    }
    EXPECT_FALSE(varies_on_everything(fields({{"Vary", names}})));
    EXPECT_TRUE(selects(stored(fields({{"Vary", names}})), {}));
    for (const std::string& value :
        {names + ", more", std::string{"Foo Bar"}, std::string{"\"Foo\""}}) {
        EXPECT_TRUE(varies_on_everything(fields({{"Vary", value}}))) << value;
        EXPECT_FALSE(selects(stored(fields({{"Vary", value}})), {})) << value;
    }
}

// A coding that only some of a class accept must not go to the others.
TEST(VaryTest, ForeignCodingGoesOnlyToClientsWithTheSameList)
{
    struct
    {
        std::string_view coding;
        std::string_view first;
        std::string_view same;
        std::string_view other;  // of the same class
    } const cases[] = {
        {"zstd", "gzip, br, zstd", "gzip,br,zstd", "gzip, br"},
        {"deflate", "deflate", "deflate", "identity"},
        {"br", "br", "br", "identity"},
        {"gzip, zstd", "gzip, zstd", "gzip, zstd", "gzip"},
    };
    for (const auto& c : cases) {
        const auto response =
            stored(fields({{"Vary", "Accept-Encoding"}, {"Content-Encoding", c.coding}}),
                fields({{"Accept-Encoding", c.first}}));
        EXPECT_TRUE(selects(response, fields({{"Accept-Encoding", c.same}}))) << c.coding;
        EXPECT_FALSE(selects(response, fields({{"Accept-Encoding", c.other}}))) << c.coding;
        EXPECT_FALSE(selects(response, {})) << c.coding;
    }
}

TEST(VaryTest, SelectingFieldsAreInNormalForm)
{
    const auto request = fields({{"Foo", "1 ,2"},
        {"Accept-Encoding", "deflate, gzip;q=0.5"},
        {"foo", "3"},
        {"Cookie", "a=1,  b"},
        {"Baz", "x"}});
    const auto response = fields({{"Vary", "cookie, foo"}, {"Vary", "Accept-Encoding, bar, Foo"}});
    EXPECT_EQ(selecting_fields(request, response),
        fields(
            {{"cookie", "a=1,  b"}, {"foo", "1, 2"}, {"foo", "3"}, {"Accept-Encoding", "gzip"}}));
    EXPECT_TRUE(selecting_fields(request, {}).empty());
    EXPECT_TRUE(selecting_fields(request, fields({{"Vary", "Foo, *"}})).empty());
}

TEST(VaryTest, MostRecentOfTheVariantsThatMatchIsSelected)
{
    const auto response = fields({{"Vary", "Foo"}});
    stored_response one = stored(response, fields({{"Foo", "1"}}));
    stored_response two = stored(response, fields({{"Foo", "2"}}));
    stored_response unvaried = stored({});
    two.response_time += 10s;
    unvaried.response_time += 5s;
    const std::array<const stored_response*, 3> variants{&one, &two, &unvaried};
    EXPECT_EQ(select_variant(variants, fields({{"Foo", "1"}})), 2U);
    EXPECT_EQ(select_variant(variants, fields({{"Foo", "2"}})), 1U);
    EXPECT_EQ(select_variant(std::span{variants}.first(2), fields({{"Foo", "1"}})), 0U);
    EXPECT_EQ(select_variant(std::span{variants}.first(2), {}), std::nullopt);
    EXPECT_EQ(select_variant({}, {}), std::nullopt);
}

// The one language that is preferred to all others is what the origin would have chosen too.
TEST(VaryTest, LanguageThatIsPreferredToAllOthersIsSelected)
{
    struct
    {
        std::string_view language;
        std::string_view wanted;
        bool selected;
    } const cases[] = {
        {"de", "de", true},
        {"DE", "fr;q=0.5, de;q=1.0", true},
        {"de", "de;q=0.2, fr;q=0.1, *;q=0.1", true},
        {"de", "de, fr", false},
        {"de", "fr, de;q=0.9", false},
        {"de", "de;q=0.5, *", false},
        {"de", "de;q=0", false},
        {"de", "de, de;q=0.1, fr;q=0.5", false},
        {"de", "de, fr;q=x", false},
        {"de, fr", "de, fr;q=0.1", false},
        {"", "de", false},
        {"de", "de-AT", false},
    };
    for (const auto& c : cases) {
        const auto response =
            stored(fields({{"Vary", "Accept-Language"}, {"Content-Language", c.language}}),
                fields({{"Accept-Language", "en, de"}}));
        EXPECT_EQ(selects(response, fields({{"Accept-Language", c.wanted}})), c.selected)
            << c.language << " for " << c.wanted;
    }
}

}  // namespace
}  // namespace cache
