// Variants: Vary, its parsing, and what counts as the same request (RFC 9111, section 4.1).

#include "tests/wire/caching/caching_site.hpp"

namespace proxy {
namespace {

class VaryCachingTest : public CachingTest
{
protected:
    // One of the two: the fields of the first and of the second request, for a response that varies
    // on `names`.
    bool is_same(const std::string& names, const field_lines& first, const field_lines& second)
    {
        return is_reused({"Cache-Control: max-age=3600", "Vary: " + names}, first, second);
    }
};

ATOLL_FOR_EACH_WAY_IN(VaryCachingTest);

TEST_P(VaryCachingTest, MatchOfOneTwoOrThreeFieldsIsReused)
{
    EXPECT_TRUE(is_same("Foo", {"Foo: 1"}, {"Foo: 1"}));
    EXPECT_TRUE(is_same("Foo, Bar", {"Foo: 1", "Bar: abc"}, {"Foo: 1", "Bar: abc"}));
    EXPECT_TRUE(is_same(
        "Foo, Bar, Baz", {"Foo: 1", "Bar: abc", "Baz: 789"}, {"Baz: 789", "Bar: abc", "Foo: 1"}));
    EXPECT_TRUE(is_same("Foo, Bar, Baz", {"Foo: 1", "Baz: 789"}, {"Foo: 1", "Baz: 789"}));
}

TEST_P(VaryCachingTest, MismatchIsNotReused)
{
    EXPECT_FALSE(is_same("Foo", {"Foo: 1"}, {"Foo: 2"}));
    EXPECT_FALSE(is_same("Foo, Bar", {"Foo: 1", "Bar: abc"}, {"Foo: 2", "Bar: abc"}));
    EXPECT_FALSE(is_same(
        "Foo, Bar, Baz", {"Foo: 1", "Bar: abc4", "Baz: 789"}, {"Foo: 1", "Bar: abc", "Baz: 789"}));
    EXPECT_FALSE(is_same("Bar, Foo", {"Foo: 1", "Bar: abc"}, {"Foo: abc", "Bar: 1"}));
}

TEST_P(VaryCachingTest, FieldThatOnlyOneSideHasIsAMismatch)
{
    EXPECT_FALSE(is_same("Foo", {"Foo: 1"}, {}));
    EXPECT_FALSE(is_same("Foo", {}, {"Foo: 1"}));
    EXPECT_FALSE(is_same("Foo", {}, {"Foo: "}));
    EXPECT_FALSE(is_same("Foo, Bar", {"Foo: 1"}, {}));
    EXPECT_TRUE(is_same("Foo", {}, {}));
}

TEST_P(VaryCachingTest, SeveralVariantsAreKept)
{
    const std::string path = new_page();
    const field_lines fields = {"Cache-Control: max-age=3600", "Vary: Foo"};
    will_answer(path, {{.fields = fields}, {.fields = fields}, {.fields = fields}});
    const std::string one = ask({.path = path, .fields = {"Foo: 1"}}).body;
    const std::string two = ask({.path = path, .fields = {"Foo: 2"}}).body;
    const std::string none = ask({.path = path}).body;
    EXPECT_EQ(ask({.path = path, .fields = {"Foo: 1"}}).body, one);
    EXPECT_EQ(ask({.path = path, .fields = {"Foo: 2"}}).body, two);
    EXPECT_EQ(ask({.path = path}).body, none);
    EXPECT_EQ(times_asked(path), 3U);
}

TEST_P(VaryCachingTest, FieldsThatAreNotNamedDoNotCount)
{
    EXPECT_TRUE(is_same("Foo", {"Foo: 1", "Other: 2"}, {"Foo: 1", "Other: 3"}));
}

TEST_P(VaryCachingTest, AsteriskAnywhereMatchesNothing)  // RFC 9110, section 5.6.1
{
    for (const char* const names : {"*", "*, *", ", *", "*, Foo", "Foo, *", "Foo, , *"}) {
        EXPECT_FALSE(is_same(names, {"Foo: 1"}, {"Foo: 1"})) << names;
    }
    EXPECT_FALSE(is_reused({"Cache-Control: max-age=3600", "Vary: Foo", "Vary: *"}));
    EXPECT_FALSE(is_reused({"Cache-Control: max-age=3600", "Vary: *", "Vary: Foo"}));
    EXPECT_FALSE(is_same("*", {"*: 1"}, {"*: 1"}));
}

TEST_P(VaryCachingTest, ListsAreComparedByTheirMembers)
{
    EXPECT_TRUE(is_same("Foo", {"Foo: 1, 2"}, {"Foo: 1", "Foo: 2"}));
    EXPECT_TRUE(is_same("Foo", {"Foo: 1", "Foo: 2"}, {"Foo: 1,2"}));
    EXPECT_TRUE(is_same("Foo", {"Foo: 1,2"}, {"Foo:  1, 2 "}));
    EXPECT_FALSE(is_same("Foo", {"Foo: 1, 2"}, {"Foo: 2, 1"}));
}

TEST_P(VaryCachingTest, NamesAreComparedWithoutLetterCase)
{
    EXPECT_TRUE(is_same("foo", {"Foo: 1"}, {"FOO: 1"}));
    EXPECT_FALSE(is_same("foo", {"Foo: 1"}, {"FOO: 2"}));
}

TEST_P(VaryCachingTest, LanguagesAreComparedWithoutCaseBlanksAndOrder)
{
    const auto same = [this](const char* first, const char* second) {
        return is_same("Accept-Language",
            {std::string("Accept-Language: ") + first},
            {std::string("Accept-Language: ") + second});
    };
    EXPECT_TRUE(same("en, de", "eN, De"));
    EXPECT_TRUE(same("en, de", "en,de"));
    EXPECT_TRUE(same("en, de", " de ,  en"));
    EXPECT_FALSE(same("en, de", "en, fr"));
    EXPECT_FALSE(same("en, de;q=0.5", "de, en;q=0.5"));
}

TEST_P(VaryCachingTest, LanguageIsSelectedByQuality)
{
    const auto selected = [this](const char* stored, const char* wanted) {
        return is_reused({"Cache-Control: max-age=3600",
                             "Vary: Accept-Language",
                             std::string("Content-Language: ") + stored},
            {"Accept-Language: en, de"},
            {std::string("Accept-Language: ") + wanted});
    };
    EXPECT_TRUE(selected("de", "fr;q=0.5, de;q=1.0"));
    EXPECT_TRUE(selected("de", "DE, fr;q=0.9"));
    EXPECT_FALSE(selected("de", "fr;q=1.0, de;q=0.5"));
    EXPECT_FALSE(selected("de", "fr, de"));
    EXPECT_FALSE(selected("de, fr", "de, en;q=0.5"));
    EXPECT_FALSE(selected("de", "de;q=0.5, *"));
}

TEST_P(VaryCachingTest, CodingsAreComparedByTheirClass)
{
    const auto same = [this](const char* first, const char* second) {
        return is_reused(
            {"Cache-Control: max-age=3600", "Vary: Accept-Encoding", "Content-Encoding: gzip"},
            {std::string("Accept-Encoding: ") + first},
            {std::string("Accept-Encoding: ") + second});
    };
    EXPECT_TRUE(same("gzip, deflate", "gzip"));
    EXPECT_TRUE(same("gzip;q=1.0", "deflate, gzip"));
    EXPECT_FALSE(same("gzip", "identity"));
    EXPECT_FALSE(same("gzip", "gzip;q=0"));
}

TEST_P(VaryCachingTest, ValidationCarriesWhatVaryNames)
{
    const std::string path = new_page();
    will_answer(path,
        {{.fields = {"Cache-Control: max-age=10", "Age: 11", "ETag: \"a\"", "Vary: Abc"}},
            {.status = 304, .fields = {"ETag: \"a\""}}});
    ask({.path = path, .fields = {"Abc: 123"}});
    ask({.path = path, .fields = {"Abc: 123"}});
    EXPECT_NE(last_head(path).find("If-None-Match: \"a\"\r\n"), std::string::npos);
    EXPECT_NE(last_head(path).find("Abc: 123\r\n"), std::string::npos);
}

}  // namespace
}  // namespace proxy
