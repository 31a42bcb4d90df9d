#include "cache/policy/http_date.hpp"

#include "tests/unit/cache/builders.hpp"

#include <gtest/gtest.h>

namespace cache {
namespace {

using namespace std::chrono_literals;
using std::chrono::sys_days;
using support::noon;

constexpr auto example = sys_days{1994y / 11 / 6} + 8h + 49min + 37s;

// RFC 9110, section 5.6.7.
TEST(HttpDateTest, ReadsThreeFormatsInAnyLetterCase)
{
    struct
    {
        std::string_view text;
        std::chrono::sys_seconds time;
    } const cases[] = {
        {"Sun, 06 Nov 1994 08:49:37 GMT", example},
        {"Sunday, 06-Nov-94 08:49:37 GMT", example},
        {"Sun Nov  6 08:49:37 1994", example},
        {"Sun Nov 06 08:49:37 1994", example},
        {"SUN, 06 nov 1994 08:49:37 gmt", example},
        {"sUNDAY, 06-NOV-94 08:49:37 Gmt", example},
        {"sun NOV  6 08:49:37 1994", example},
        {"Mon, 06 Nov 1994 08:49:37 GMT", example},  // was a Sunday
        {"Fri, 31 Dec 2049 23:59:60 GMT", sys_days{2050y / 1 / 1}},
        {"Tue, 19 Jan 2038 03:14:08 GMT", std::chrono::sys_seconds{2147483648s}},
        {"Sat, 20 Nov 2286 17:46:40 GMT", std::chrono::sys_seconds{10000000000s}},
        {"Fri, 31 Dec 9999 23:59:59 GMT", sys_days{9999y / 12 / 31} + 23h + 59min + 59s},
        {"Thu, 29 Feb 2024 00:00:00 GMT", sys_days{2024y / 2 / 29}},
    };
    for (const auto& c : cases) {
        EXPECT_EQ(parse_http_date(c.text, noon), c.time) << c.text;
    }
}

TEST(HttpDateTest, RefusesWhatFollowsNoneOfTheFormats)
{
    for (const auto* text : {"",
             "0",
             "-1",
             "Sun, 06 Nov 1994 08:49:37 UTC",
             "Sun, 06 Nov 1994 08:49:37 AEST",
             "Sun, 06 Nov 1994 08:49:37",
             "Sun, 06 Nov 94 08:49:37 GMT",
             "Sun 06 Nov 1994 08:49:37 GMT",
             "Sun, 06  Nov 1994 08:49:37 GMT",
             "Sun,  6 Nov 1994 08:49:37 GMT",
             "Sun, 6 Nov 1994 08:49:37 GMT",
             "Sun, 06-Nov-1994 08:49:37 GMT",
             "Sun, 06 Nov 1994 08.49.37 GMT",
             "Sun, 06 Nov 1994 8:49:37 GMT",
             "Sun, 06 Nov 1994 24:00:00 GMT",
             "Sun, 06 Nov 1994 08:60:37 GMT",
             "Sun, 06 Nov 1994 08:49:61 GMT",
             "Sun, 31 Nov 1994 08:49:37 GMT",
             "Sun, 00 Nov 1994 08:49:37 GMT",
             "Sun, 29 Feb 2023 08:49:37 GMT",
             "Sun, 06 Nox 1994 08:49:37 GMT",
             "Sux, 06 Nov 1994 08:49:37 GMT",
             "Sun, 06 Nov 1994 08:49:37 GMT ",
             "Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT",
             "Sun, 06-Nov-94 08:49:37 GMT",
             "Sunday, 06-Nov-94 08:49:37 UTC",
             "Sunday, 6-Nov-94 08:49:37 GMT",
             "Sunday,06-Nov-94 08:49:37 GMT",
             "Sunday, 29-Feb-23 08:49:37 GMT",
             "Sun Nov 6 08:49:37 1994",
             "Sun Nov   08:49:37 1994 ",
             "Sun Nov  6 08:49:37 94  ",
             "Sun, 06 Nov +994 08:49:37 GMT",
             "Sun, 06 Nov 1994 -8:49:37 GMT"}) {
        EXPECT_EQ(parse_http_date(text, noon), std::nullopt) << text;
    }
}

// "More than 50 years in the future" means the past (RFC 9110, section 5.6.7).
TEST(HttpDateTest, TwoDigitYearIsNeverMoreThanFiftyYearsAhead)
{
    struct
    {
        wall_time now;
        std::string_view text;
        std::chrono::year year;
    } const cases[] = {
        {noon, "Sunday, 22-Nov-76 11:00:00 GMT", 2076y},
        {noon, "Sunday, 22-Nov-77 12:00:00 GMT", 1977y},
        {noon, "Sunday, 31-Dec-76 12:00:00 GMT", 1976y},
        {noon, "Sunday, 06-Nov-94 08:49:37 GMT", 1994y},
        {noon, "Sunday, 06-Nov-26 08:49:37 GMT", 2026y},
        {sys_days{2099y / 1 / 1}, "Sunday, 06-Nov-01 08:49:37 GMT", 2101y},
        {sys_days{1970y / 1 / 1}, "Sunday, 06-Nov-94 08:49:37 GMT", 1994y},
    };
    for (const auto& c : cases) {
        const auto time = parse_http_date(c.text, c.now);
        ASSERT_TRUE(time) << c.text;
        const std::chrono::year_month_day date{std::chrono::floor<std::chrono::days>(*time)};
        EXPECT_EQ(date.year(), c.year) << c.text;
    }
}

TEST(HttpDateTest, WritesWhatItReads)
{
    EXPECT_EQ(format_http_date(example), "Sun, 06 Nov 1994 08:49:37 GMT");
    for (const std::chrono::sys_seconds time : {std::chrono::sys_seconds{0s},
             sys_days{2024y / 2 / 29} + 23h + 59min + 59s,
             sys_days{9999y / 12 / 31} + 0h + 0min + 0s,
             sys_days{5y / 1 / 2} + 3h + 4min + 5s}) {
        const std::string text = format_http_date(time);
        EXPECT_EQ(parse_http_date(text, noon), time) << text;
    }
}

}  // namespace
}  // namespace cache
