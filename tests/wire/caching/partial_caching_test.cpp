// Ranges (RFC 9110, section 14; RFC 9111, sections 3.3 and 3.4).

#include "tests/support/eventually.hpp"
#include "tests/wire/caching/caching_site.hpp"

#include <algorithm>
#include <array>
#include <thread>
#include <tuple>

namespace proxy {
namespace {

class PartialCachingTest : public CachingTest
{
protected:
    // A page of ten octets, stored whole.
    std::string stored_page(const field_lines& more = {})
    {
        const std::string path = new_page();
        field_lines fields = {"Cache-Control: max-age=3600", "Content-Type: text/plain"};
        fields.insert(fields.end(), more.begin(), more.end());
        will_answer(path, {{.fields = fields, .body = "0123456789"}});
        ask({.path = path});
        return path;
    }

    // Of two slices and a half, and one octet.
    static std::string large_body(char seed)
    {
        std::string body(2'621'441, seed);
        for (std::size_t i = 0; i < body.size(); i += 8) {
            const std::string place = std::to_string(i);
            body.replace(i, std::min(place.size(), body.size() - i), place, 0, body.size() - i);
        }
        return body;
    }

    std::string large_page(const std::string& body, const field_lines& more)
    {
        const std::string path = new_page();
        field_lines fields = {"Cache-Control: max-age=3600"};
        fields.insert(fields.end(), more.begin(), more.end());
        will_answer(path, {{.fields = fields, .body = body, .has_ranges = true}});
        return path;
    }

    support::http_response part_of(const std::string& path, const std::string& range)
    {
        return ask({.path = path, .fields = {"Range: " + range}});
    }
};

ATOLL_FOR_EACH_WAY_IN(PartialCachingTest);

TEST_P(PartialCachingTest, PartOfAStoredResponseIsServed)
{
    const std::string path = stored_page({"X: y", "ETag: \"a\""});
    const std::vector<std::array<std::string, 3>> cases = {{"bytes=0-1", "01", "bytes 0-1/10"},
        {"bytes=1-", "123456789", "bytes 1-9/10"},
        {"bytes=-1", "9", "bytes 9-9/10"},
        {"bytes=8-100", "89", "bytes 8-9/10"},
        {"bytes=-100", "0123456789", "bytes 0-9/10"},
        {"bytes=9-9", "9", "bytes 9-9/10"},
        {"BYTES=0-1", "01", "bytes 0-1/10"},
        {"bytes=0-99999999999999999999", "0123456789", "bytes 0-9/10"}};
    for (const auto& [range, body, content_range] : cases) {
        const support::http_response part = part_of(path, range);
        EXPECT_EQ(part.status, 206U) << range;
        EXPECT_EQ(part.body, body) << range;
        EXPECT_EQ(part.field("Content-Range"), content_range);
        EXPECT_EQ(part.field("Content-Length"), std::to_string(body.size()));
        EXPECT_EQ(part.field("X"), "y");
        EXPECT_EQ(part.field("ETag"), "\"a\"");
        EXPECT_EQ(part.field("Content-Type"), "text/plain");
    }
    EXPECT_EQ(times_asked(path), 1U);
}

TEST_P(PartialCachingTest, RangeBeyondTheEndIsA416)
{
    const std::string path = stored_page();
    for (const char* const range : {"bytes=10-", "bytes=10-11", "bytes=-0", "bytes=11-12,20-"}) {
        const support::http_response answer = part_of(path, range);
        EXPECT_EQ(answer.status, 416U) << range;
        EXPECT_EQ(answer.field("Content-Range"), "bytes */10");
        EXPECT_EQ(answer.body, "");
    }
}

TEST_P(PartialCachingTest, RangeThatIsNotUnderstoodIsIgnored)
{
    const std::string path = stored_page();
    for (const char* const range :
        {"bytes=1-0", "bytes=a-b", "bytes=-", "bytes", "lines=0-1", "bytes=0 -1", "bytes=,"}) {
        const support::http_response answer = part_of(path, range);
        EXPECT_EQ(answer.status, 200U) << range;
        EXPECT_EQ(answer.body, "0123456789") << range;
    }
}

TEST_P(PartialCachingTest, SeveralRangesAreOneMultipartResponse)  // RFC 9110, section 15.3.7.2
{
    const std::string path = stored_page();
    const support::http_response answer = part_of(path, "bytes=0-1, 4-5,-1");
    ASSERT_EQ(answer.status, 206U);
    const std::string type = answer.field("Content-Type");
    constexpr std::string_view prefix = "multipart/byteranges; boundary=";
    ASSERT_TRUE(type.starts_with(prefix)) << type;
    const std::string boundary = type.substr(prefix.size());
    EXPECT_EQ(answer.field("Content-Range"), "");
    const auto part = [&](std::string_view range, std::string_view octets) {
        return std::string("\r\n--")
            .append(boundary)
            .append("\r\nContent-Type: text/plain\r\nContent-Range: bytes ")
            .append(range)
            .append("/10\r\n\r\n")
            .append(octets);
    };
    EXPECT_EQ(answer.body,
        part("0-1", "01") + part("4-5", "45") + part("9-9", "9") + "\r\n--" + boundary + "--\r\n");
    EXPECT_EQ(answer.field("Content-Length"), std::to_string(answer.body.size()));
}

TEST_P(PartialCachingTest, OfSeveralRangesThoseThatCanBeSatisfiedAre)
{
    const std::string path = stored_page();
    const support::http_response one = part_of(path, "bytes=2-3,20-");
    EXPECT_EQ(one.status, 206U);
    EXPECT_EQ(one.body, "23");
    EXPECT_EQ(one.field("Content-Range"), "bytes 2-3/10");
}

TEST_P(PartialCachingTest, TooManyOrOverlappingRangesGetTheWhole)  // RFC 9110, section 14.2
{
    const std::string path = stored_page();
    std::string nine = "bytes=0-0";
    for (int i = 1; i < 9; ++i) {
        nine += "," + std::to_string(i) + "-" + std::to_string(i);
    }
    for (const std::string& range :
        {nine, std::string("bytes=0-5,2-7"), std::string("bytes=0-,0-")}) {
        const support::http_response answer = part_of(path, range);
        EXPECT_EQ(answer.status, 200U) << range;
        EXPECT_EQ(answer.body, "0123456789");
    }
}

TEST_P(PartialCachingTest, IfRangeHoldsForTheStoredStrongValidatorOnly)  // RFC 9110, section 13.1.5
{
    const std::string modified = "Tue, 15 Nov 1994 12:45:26 GMT";
    const std::string path = stored_page({"ETag: \"a\"", "Last-Modified: " + modified});
    const auto status = [&](const std::string& condition) {
        return ask({.path = path, .fields = {"Range: bytes=0-1", "If-Range: " + condition}}).status;
    };
    EXPECT_EQ(status("\"a\""), 206U);
    EXPECT_EQ(status("\"b\""), 200U);
    EXPECT_EQ(status("W/\"a\""), 200U);
    EXPECT_EQ(status(modified), 206U);
    EXPECT_EQ(status(http_date(std::chrono::seconds{0})), 200U);
    const std::string weak = stored_page({"ETag: W/\"a\""});
    EXPECT_EQ(
        ask({.path = weak, .fields = {"Range: bytes=0-1", "If-Range: W/\"a\""}}).status, 200U);
}

TEST_P(PartialCachingTest, ConditionComesBeforeRange)  // RFC 9110, section 13.2.2
{
    const std::string path = stored_page({"ETag: \"a\""});
    EXPECT_EQ(
        ask({.path = path, .fields = {"Range: bytes=0-1", "If-None-Match: \"a\""}}).status, 304U);
    EXPECT_EQ(
        ask({.path = path, .fields = {"Range: bytes=0-1", "If-None-Match: \"b\""}}).status, 206U);
}

TEST_P(PartialCachingTest, RangeMeansNothingToHead)  // RFC 9110, section 14.2
{
    const std::string path = stored_page();
    const support::http_response head =
        ask({.path = path, .fields = {"Range: bytes=0-1"}, .method = "HEAD"});
    EXPECT_EQ(head.status, 200U);
    EXPECT_EQ(head.field("Content-Length"), "10");
}

// Of a body that is not stored whole: slices of 1 MiB are fetched as ranges need them, stored, and
// serve what lies in them (RFC 9111, sections 3.3 and 3.4).

TEST_P(PartialCachingTest, StoredPartServesRangesInsideIt)
{
    const std::string body = large_body('a');
    const std::string path = large_page(body, {"ETag: \"a\""});
    const support::http_response first = part_of(path, "bytes=1500000-1500009");
    EXPECT_EQ(first.status, 206U);
    EXPECT_EQ(first.body, body.substr(1'500'000, 10));
    EXPECT_EQ(first.field("Content-Range"), "bytes 1500000-1500009/2621441");
    EXPECT_EQ(first.field("ETag"), "\"a\"");
    for (const auto& [range, begin, octets] : {std::tuple{"bytes=1048576-1048579", 1'048'576, 4},
             {"bytes=2097150-2097151", 2'097'150, 2}}) {
        const support::http_response part = part_of(path, range);
        EXPECT_EQ(part.status, 206U) << range;
        EXPECT_EQ(part.body,
            body.substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(octets)));
    }
    const auto is_hit = [&] {
        const std::string said = part_of(path, "bytes=1500000-1500009").field("Cache-Status");
        return said.find(";hit;ttl=") != std::string::npos;
    };
    EXPECT_TRUE(support::eventually(is_hit));
    EXPECT_EQ(ranges_asked(path), (std::vector<std::string>{"bytes=1048576-2097151"}));
}

TEST_P(PartialCachingTest, OnlyMissingSlicesAreFetched)
{
    const std::string body = large_body('b');
    const std::string path = large_page(body, {"ETag: \"a\""});
    part_of(path, "bytes=1500000-1500009");
    const support::http_response more = part_of(path, "bytes=10-2200000");
    EXPECT_EQ(more.body, body.substr(10, 2'199'991));
    EXPECT_NE(more.field("Cache-Status").find(";fwd=partial"), std::string::npos);
    EXPECT_EQ(ranges_asked(path),
        (std::vector<std::string>{
            "bytes=1048576-2097151", "bytes=0-1048575", "bytes=2097152-3145727"}));
    EXPECT_NE(last_head(path).find("If-Range: \"a\"\r\n"), std::string::npos);
}

TEST_P(PartialCachingTest, StoredPartIsCompletedForARequestForTheWhole)
{
    const std::string body = large_body('c');
    const std::string path = large_page(body, {"ETag: \"a\"", "X: y"});
    part_of(path, "bytes=0-9");
    const support::http_response whole = ask({.path = path});
    EXPECT_EQ(whole.status, 200U);
    EXPECT_EQ(whole.field("Content-Length"), "2621441");
    EXPECT_EQ(whole.field("X"), "y");
    EXPECT_TRUE(whole.body == body);
    EXPECT_EQ(
        ranges_asked(path), (std::vector<std::string>{"bytes=0-1048575", "bytes=1048576-3145727"}));
    EXPECT_TRUE(ask({.path = path}).body == body);
    EXPECT_EQ(times_asked(path), 2U);
}

TEST_P(PartialCachingTest, EndAndSeveralPartsOfABodyThatIsNotStoredAreServed)
{
    const std::string body = large_body('d');
    const std::string path = large_page(body, {"ETag: \"a\""});
    EXPECT_EQ(part_of(path, "bytes=-5").body, body.substr(body.size() - 5));
    const support::http_response several = part_of(path, "bytes=0-1,1200000-1200001");
    EXPECT_TRUE(several.field("Content-Type").starts_with("multipart/byteranges"));
    EXPECT_NE(
        several.body.find("\r\n\r\n" + body.substr(1'200'000, 2) + "\r\n--"), std::string::npos);
    EXPECT_EQ(part_of(path, "bytes=2621441-").status, 416U);
    EXPECT_EQ(
        ask({.path = path, .fields = {"Range: bytes=0-1", "If-None-Match: \"a\""}}).status, 304U);
    EXPECT_EQ(ask({.path = path, .fields = {"Range: bytes=0-1", "If-Range: \"a\""}}).status, 206U);
    EXPECT_EQ(times_asked(path), 3U);
}

TEST_P(PartialCachingTest, SmallBodyIsStoredWholeAtTheFirstRange)
{
    const std::string path = new_page();
    will_answer(path,
        {{.fields = {"Cache-Control: max-age=3600"}, .body = "0123456789", .has_ranges = true}});
    EXPECT_EQ(part_of(path, "bytes=2-3").body, "23");
    EXPECT_EQ(part_of(path, "bytes=-1").body, "9");
    EXPECT_EQ(ask({.path = path}).body, "0123456789");
    EXPECT_EQ(times_asked(path), 1U);
}

TEST_P(PartialCachingTest, OriginWithoutRangesIsAskedOnceForTheWhole)
{
    const std::string path = new_page();
    will_answer(path, {{.fields = {"Cache-Control: max-age=3600"}, .body = "0123456789"}});
    const support::http_response part = part_of(path, "bytes=2-3");
    EXPECT_EQ(part.status, 206U);
    EXPECT_EQ(part.body, "23");
    EXPECT_EQ(ask({.path = path}).body, "0123456789");
    EXPECT_EQ(times_asked(path), 1U);
}

TEST_P(PartialCachingTest, SlicesOfTwoBodiesAreNeverPutTogether)
{
    const std::string path = new_page();
    const std::string before = large_body('e');
    const std::string after = large_body('f');
    const field_lines fresh = {"Cache-Control: max-age=3600", "ETag: \"a\""};
    const field_lines changed = {"Cache-Control: max-age=3600", "ETag: \"b\""};
    will_answer(path,
        {{.fields = fresh, .body = before, .has_ranges = true},
            {.fields = changed, .body = after, .has_ranges = true}});
    EXPECT_EQ(part_of(path, "bytes=0-9").body, before.substr(0, 10));
    const support::http_response rest = part_of(path, "bytes=1200000-1200009");
    EXPECT_EQ(rest.body, after.substr(1'200'000, 10));
    EXPECT_EQ(rest.field("ETag"), "\"b\"");
    EXPECT_EQ(part_of(path, "bytes=0-9").body, after.substr(0, 10));
    EXPECT_TRUE(ask({.path = path}).body == after);
}

TEST_P(PartialCachingTest, StaleMapKeepsItsSlicesIfTheBodyIsTheSame)
{
    const std::string path = new_page();
    const std::string body = large_body('g');
    const field_lines stale = {"Cache-Control: max-age=1", "ETag: \"a\""};
    const field_lines fresh = {"Cache-Control: max-age=3600", "ETag: \"a\""};
    will_answer(path,
        {{.fields = stale, .body = body, .has_ranges = true},
            {.fields = fresh, .body = body, .has_ranges = true}});
    part_of(path, "bytes=0-9");
    std::this_thread::sleep_for(std::chrono::milliseconds{1'100});
    EXPECT_EQ(part_of(path, "bytes=1200000-1200009").body, body.substr(1'200'000, 10));
    EXPECT_EQ(part_of(path, "bytes=5-9").body, body.substr(5, 5));
    EXPECT_EQ(times_asked(path), 2U);
}

TEST_P(PartialCachingTest, WithoutAStrongValidatorPartsArePassedOn)
{
    for (const field_lines& validator : {field_lines{}, field_lines{"ETag: W/\"a\""}}) {
        const std::string body = large_body('h');
        const std::string path = large_page(body, validator);
        for (int round = 0; round != 2; ++round) {
            const support::http_response part = part_of(path, "bytes=1500000-1500009");
            EXPECT_EQ(part.status, 206U);
            EXPECT_EQ(part.body, body.substr(1'500'000, 10));
        }
        EXPECT_EQ(ranges_asked(path),
            (std::vector<std::string>{
                "bytes=1048576-2097151", "bytes=1500000-1500009", "bytes=1500000-1500009"}));
    }
}

TEST_P(PartialCachingTest, SlicesGoWithTheirPage)
{
    if (is_coralized()) {
        GTEST_SUCCEED() << "only GET and HEAD pass through a coralized name";
        return;
    }
    const std::string path = large_page(large_body('i'), {"ETag: \"a\""});
    part_of(path, "bytes=0-9");
    ask({.path = path, .method = "POST", .body = "x"});
    const std::size_t before = times_asked(path);
    part_of(path, "bytes=0-9");
    EXPECT_EQ(times_asked(path), before + 1);
}

TEST_P(PartialCachingTest, PartThatDoesNotFitIsPassedOnAndNotStored)  // RFC 9110, section 15.3.7
{
    for (const char* const content_range : {"bytes 0-4/10",
             "bytes 5-8/10",
             "bytes 5-9/9",
             "bytes 5-9",
             "lines 5-9/10",
             "bytes 9-5/10",
             "nonsense"}) {
        const std::string path = new_page();
        will_answer(path,
            {{.status = 206,
                .fields = {"Cache-Control: max-age=3600",
                    std::string("Content-Range: ") + content_range,
                    "ETag: \"a\""},
                .body = "56789"}});
        EXPECT_EQ(part_of(path, "bytes=5-9").body, "56789") << content_range;
        EXPECT_EQ(part_of(path, "bytes=5-9").body, "56789") << content_range;
        EXPECT_EQ(times_asked(path), 3U) << content_range;  // the first in vain
    }
}

}  // namespace
}  // namespace proxy
