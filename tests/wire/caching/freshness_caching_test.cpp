// How long a response is reused: freshness in every form, its parsing, heuristics (RFC 9111,
// sections 4.2, 5.1, 5.2 and 5.3), and the same by CDN-Cache-Control (RFC 9213).

#include "tests/wire/caching/caching_site.hpp"

namespace proxy {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

class FreshnessCachingTest : public CachingTest
{
};

ATOLL_FOR_EACH_WAY_IN(FreshnessCachingTest);

// RFC 9111, sections 4.2.1 and 5.2.2.

TEST_P(FreshnessCachingTest, NothingIsReusedThatSaysNothingOfFreshnessNorOfModification)
{
    EXPECT_FALSE(is_reused({}));
    EXPECT_FALSE(is_reused({"Cache-Control: public"}));
}

TEST_P(FreshnessCachingTest, MaxAgeIsFreshness)
{
    EXPECT_TRUE(is_reused({"Cache-Control: max-age=3600"}));
    EXPECT_TRUE(is_reused({"Cache-Control: MaX-aGe=3600"}));
    EXPECT_TRUE(is_reused({"Cache-Control: max-age=3600, foobar"}));
    EXPECT_TRUE(is_reused({"Cache-Control: foobar=1, max-age=3600"}));
    EXPECT_TRUE(is_reused({"Cache-Control: max-age=3600", "Expires: " + http_date(hours{-1})}));
    EXPECT_TRUE(is_reused({"Cache-Control: max-age=3600", "Expires: 0"}));
}

TEST_P(FreshnessCachingTest, LargeMaxAgeIsClampedAndDoesNotFail)  // section 1.3
{
    for (const char* const number : {"2147483647", "2147483648", "2147483649", "99999999999"}) {
        EXPECT_TRUE(is_reused({std::string("Cache-Control: max-age=") + number})) << number;
    }
}

TEST_P(FreshnessCachingTest, StaleResponseIsNotReused)
{
    EXPECT_FALSE(is_reused({"Cache-Control: max-age=0"}));
    EXPECT_FALSE(is_reused({"Cache-Control: max-age=0", "Expires: " + http_date(hours{1})}));
    EXPECT_FALSE(is_reused({"Cache-Control: max-age=-1"}));
    EXPECT_FALSE(is_reused({"Cache-Control: max-age=3600", "Age: 3600"}));
    EXPECT_FALSE(is_reused({"Cache-Control: max-age=3600", "Age: 12000", "ETag: \"a\""}));
}

TEST_P(FreshnessCachingTest, SharedMaxAgeBeatsMaxAgeWhereverItStands)
{
    EXPECT_FALSE(is_reused({"Cache-Control: max-age=3600, s-maxage=1", "Age: 10"}));
    EXPECT_FALSE(is_reused({"Cache-Control: s-maxage=1, max-age=3600", "Age: 10"}));
    EXPECT_FALSE(
        is_reused({"Cache-Control: s-maxage=1", "Cache-Control: max-age=3600", "Age: 10"}));
    EXPECT_TRUE(is_reused({"Cache-Control: s-maxage=3600"}));
    EXPECT_TRUE(is_reused({"Cache-Control: max-age=1, s-maxage=3600", "Age: 10"}));
    EXPECT_TRUE(is_reused({"Cache-Control: s-maxage=3600, max-age=1", "Age: 10"}));
    EXPECT_TRUE(is_reused({"Cache-Control: s-maxage=3600", "Expires: " + http_date(hours{-1})}));
}

TEST_P(FreshnessCachingTest, OldDateMakesAResponseOld)  // section 4.2.3: apparent age
{
    EXPECT_FALSE(is_reused({"Cache-Control: max-age=100", "Date: " + http_date(seconds{-200})}));
    EXPECT_TRUE(is_reused({"Cache-Control: max-age=100", "Date: " + http_date(seconds{-20})}));
}

// RFC 9111, section 5.2; RFC 9110, section 5.6.

TEST_P(FreshnessCachingTest, DirectivesInsideAQuotedStringAreNone)
{
    EXPECT_FALSE(is_reused({"Cache-Control: ext=\"max-age=3600\", max-age=1", "Age: 2"}));
    EXPECT_FALSE(is_reused({"Cache-Control: max-age=1, ext=\"max-age=3600\"", "Age: 2"}));
    EXPECT_TRUE(is_reused({"Cache-Control: ext=\"no-store\", max-age=3600"}));
    EXPECT_FALSE(is_reused({"Cache-Control: ext=\"\\\", max-age=3600\""}));
}

TEST_P(FreshnessCachingTest, NumbersAreDigitsPerhapsInQuotes)
{
    EXPECT_TRUE(is_reused({"Cache-Control: max-age=003600"}));
    EXPECT_TRUE(is_reused({"Cache-Control: max-age=\"3600\""}));
    for (const char* const number :
        {"'3600'", "3600.0", "3600.5", "a3600", "3600a", "", " 3600", "1e3"}) {
        EXPECT_FALSE(is_reused({std::string("Cache-Control: max-age=") + number})) << number;
    }
    EXPECT_FALSE(is_reused({"Cache-Control: max-age =3600"}));
}

TEST_P(FreshnessCachingTest, OfDuplicatesTheSmallerOneCounts)
{
    EXPECT_FALSE(is_reused({"Cache-Control: max-age=1800, max-age=1", "Age: 2"}));
    EXPECT_FALSE(is_reused({"Cache-Control: max-age=1, max-age=1800", "Age: 2"}));
}

// RFC 9111, section 5.1.

TEST_P(FreshnessCachingTest, AgeThatIsNoNumberIsIgnored)
{
    for (const char* const age : {"abc", "-7200", "7200.0", "7200;foo=bar", "7200 s"}) {
        EXPECT_TRUE(is_reused({"Cache-Control: max-age=3600", std::string("Age: ") + age})) << age;
    }
}

TEST_P(FreshnessCachingTest, OfSeveralAgesTheFirstCounts)
{
    EXPECT_FALSE(is_reused({"Cache-Control: max-age=3600", "Age: 7200, 0"}));
    EXPECT_FALSE(is_reused({"Cache-Control: max-age=3600", "Age: 7200", "Age: 0"}));
    EXPECT_TRUE(is_reused({"Cache-Control: max-age=3600", "Age: 0, 7200"}));
    EXPECT_TRUE(is_reused({"Cache-Control: max-age=3600", "Age: 0", "Age: 7200"}));
}

TEST_P(FreshnessCachingTest, LargeAgeIsOldAndDoesNotOverflow)
{
    for (const char* const age : {"2147483647", "2147483648", "99999999999999999999"}) {
        EXPECT_FALSE(is_reused({"Cache-Control: max-age=3600", std::string("Age: ") + age})) << age;
    }
}

// RFC 9111, sections 4.2.1 and 5.3.

TEST_P(FreshnessCachingTest, ExpiresInTheFutureIsFreshness)
{
    EXPECT_TRUE(is_reused({"Expires: " + http_date(hours{1})}));
    EXPECT_TRUE(is_reused({"Expires: " + http_date(hours{1}), "Date: foo"}));
}

TEST_P(FreshnessCachingTest, ExpiresThatIsNotAfterDateIsNone)
{
    EXPECT_FALSE(is_reused({"Expires: " + http_date(hours{-1})}));
    EXPECT_FALSE(
        is_reused({"Expires: " + http_date(seconds{0}), "Date: " + http_date(seconds{0})}));
    EXPECT_FALSE(is_reused({"Expires: " + http_date(hours{1}), "Date: " + http_date(hours{2})}));
    EXPECT_FALSE(is_reused({"Expires: 0"}));
    EXPECT_FALSE(is_reused({"Expires: " + http_date(hours{1}), "Age: 3600"}));
    // With a Date that is slow or fast Age eats up what is between the two.
    EXPECT_FALSE(is_reused(
        {"Expires: " + http_date(hours{1}), "Date: " + http_date(hours{-1}), "Age: 7300"}));
    EXPECT_FALSE(is_reused(
        {"Expires: " + http_date(hours{3}), "Date: " + http_date(hours{2}), "Age: 3700"}));
}

// RFC 9110, section 5.6.7.

TEST_P(FreshnessCachingTest, ExpiresIsOneOfThreeFormats)
{
    for (const char* const date : {"Thu, 18 Aug 2050 02:01:18 GMT",
             "Tue, 18 Aug 2290 02:01:18 GMT",
             "Thursday, 18-Aug-50 02:01:18 GMT",
             "Thu Aug 18 02:01:18 2050",
             "Thu Aug  8 02:01:18 2050",
             "tHU, 18 Aug 2050 02:01:18 GMT",
             "Thu, 18 aUg 2050 02:01:18 GMT",
             "Thu, 18 Aug 2050 02:01:18 gMT"}) {
        EXPECT_TRUE(is_reused({std::string("Expires: ") + date})) << date;
    }
}

TEST_P(FreshnessCachingTest, ExpiresInAnyOtherFormatIsPast)
{
    for (const char* const date : {"Thu, 18 Aug 2050 02:01:18 UTC",
             "Thu, 18 Aug 2050 02:01:18 AEST",
             "Thu, 18 Aug 50 02:01:18 GMT",
             "Thu 18 Aug 2050 02:01:18 GMT",
             "Thu, 18  Aug  2050  02:01:18  GMT",
             "Thu, 18-Aug-2050 02:01:18 GMT",
             "Thu, 18 Aug 2050 02.01.18 GMT",
             "Thu, 18 Aug 2050 2:01:18 GMT"}) {
        EXPECT_FALSE(is_reused({std::string("Expires: ") + date})) << date;
    }
    EXPECT_FALSE(is_reused({"Expires: " + http_date(hours{1}), "Expires: " + http_date(hours{1})}));
}

// RFC 9111, section 4.2.2.

TEST_P(FreshnessCachingTest, LastModifiedAloneIsATenthOfItsAgeOfFreshness)
{
    const field_lines old = {"Last-Modified: " + http_date(hours{-24})};
    for (const unsigned status : {200U, 203U, 204U, 404U, 410U}) {
        EXPECT_TRUE(is_reused(old, {}, {}, status)) << status;
    }
    EXPECT_TRUE(is_reused({"Last-Modified: " + http_date(seconds{-60})}));
}

TEST_P(FreshnessCachingTest, HeuristicsAreNotForStatusesOfThisRequestOrMoment)
{
    const field_lines old = {"Last-Modified: " + http_date(hours{-24})};
    for (const unsigned status : {201U, 202U, 403U, 502U, 503U, 504U, 599U}) {
        EXPECT_FALSE(is_reused(old, {}, {}, status)) << status;
    }
    // Decided: RFC 9110 would allow these, but who can provoke one could have it served to all.
    for (const unsigned status : {405U, 414U, 501U}) {
        EXPECT_FALSE(is_reused(old, {}, {}, status)) << status;
    }
    EXPECT_FALSE(is_reused({old[0], "Cache-Control: public"}, {}, {}, 599));
}

TEST_P(FreshnessCachingTest, StatusDoesNotMatterToExplicitFreshness)  // RFC 9111, section 3
{
    for (const unsigned status : {200U,
             203U,
             204U,
             299U,
             301U,
             302U,
             303U,
             307U,
             308U,
             400U,
             404U,
             410U,
             499U,
             500U,
             502U,
             503U,
             504U,
             599U}) {
        EXPECT_TRUE(is_reused({"Cache-Control: max-age=3600"}, {}, {}, status)) << status;
        EXPECT_FALSE(is_reused({"Cache-Control: max-age=3600", "Age: 3601"}, {}, {}, status))
            << status;
    }
}

// RFC 9213: CDN-Cache-Control, a dictionary of Structured Fields.

TEST_P(FreshnessCachingTest, TargetedMaxAgeIsFreshness)
{
    EXPECT_TRUE(is_reused({"CDN-Cache-Control: max-age=3600"}));
    EXPECT_TRUE(is_reused({"CDN-Cache-Control: max-age=2147483648"}));
    EXPECT_TRUE(is_reused({"CDN-Cache-Control: max-age=99999999999"}));
    EXPECT_TRUE(is_reused({"CDN-Cache-Control: foo, max-age=3600"}));
    EXPECT_TRUE(is_reused({"CDN-Cache-Control: max-age=3600", "Expires: 0"}));
    EXPECT_TRUE(is_reused({"CDN-Cache-Control: max-age=3600", "Expires: " + http_date(hours{-1})}));
    EXPECT_TRUE(
        is_reused({"CDN-Cache-Control: max-age=3600", "Cache-Control: max-age=1", "Age: 10"}));
    EXPECT_TRUE(is_reused({"CDN-Cache-Control: max-age=3600", "Cache-Control: no-store"}));
}

TEST_P(FreshnessCachingTest, TargetedRestrictionsWin)
{
    const std::string generous = "Cache-Control: max-age=3600";
    EXPECT_FALSE(is_reused({"CDN-Cache-Control: max-age=0", generous}));
    EXPECT_FALSE(is_reused({"CDN-Cache-Control: max-age=3600", "Age: 3600"}));
    EXPECT_FALSE(is_reused({"CDN-Cache-Control: max-age=1", generous, "Age: 2"}));
    EXPECT_FALSE(is_reused({"CDN-Cache-Control: private", generous}));
    EXPECT_FALSE(is_reused({"CDN-Cache-Control: no-cache", generous}));
    EXPECT_FALSE(is_reused({"CDN-Cache-Control: no-store", generous}));
}

TEST_P(FreshnessCachingTest, InvalidTargetedFieldIsIgnoredAsAWhole)
{
    for (const char* const value : {"max-age=10000, &&&&&",
             "max-age=\"10000\"",
             "max-age =10000",
             "MaX-aGe=10000",
             "max-age=10000.5"}) {
        const std::string field = std::string("CDN-Cache-Control: ") + value;
        EXPECT_FALSE(is_reused({field, "Cache-Control: max-age=1", "Age: 2"})) << value;
    }
    EXPECT_TRUE(is_reused({"CDN-Cache-Control: no-store, &&&&&", "Cache-Control: max-age=3600"}));
}

TEST_P(FreshnessCachingTest, TargetedFieldIsPassedOnAndTheOthersUnchanged)
{
    const support::http_response again = second_answer({"CDN-Cache-Control: max-age=3600",
        "Cache-Control: max-age=1",
        "Expires: Thu, 18 Aug 2050 02:01:18 GMT",
        "Age: 10"});
    EXPECT_EQ(again.field("CDN-Cache-Control"), "max-age=3600");
    EXPECT_EQ(again.field("Cache-Control"), "max-age=1");
    EXPECT_EQ(again.field("Expires"), "Thu, 18 Aug 2050 02:01:18 GMT");
    EXPECT_GE(std::stoi(again.field("Age")), 10);
}

}  // namespace
}  // namespace proxy
