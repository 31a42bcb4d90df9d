// Ranges (RFC 9110, section 14; RFC 9111, sections 3.3 and 3.4).

#include "tests/wire/caching/caching_site.hpp"

#include <array>

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

// A 206 is stored if it says what it is, and serves what lies in it.

TEST_P(PartialCachingTest, StoredPartServesRangesInsideIt)
{
    const std::string path = new_page();
    will_answer(path,
        {{.status = 206,
            .fields = {"Cache-Control: max-age=3600", "Content-Range: bytes 5-9/10", "ETag: \"a\""},
            .body = "56789"}});
    EXPECT_EQ(part_of(path, "bytes=-5").body, "56789");
    for (const auto& [range, body] : {std::pair{"bytes=-5", "56789"},
             std::pair{"bytes=6-8", "678"},
             std::pair{"bytes=6-", "6789"},
             std::pair{"bytes=-1", "9"}}) {
        const support::http_response part = part_of(path, range);
        EXPECT_EQ(part.status, 206U) << range;
        EXPECT_EQ(part.body, body) << range;
    }
    EXPECT_EQ(times_asked(path), 1U);
}

TEST_P(PartialCachingTest, StoredPartIsCompleted)
{
    const std::string path = new_page();
    will_answer(path,
        {{.status = 206,
             .fields = {"Cache-Control: max-age=3600",
                 "Content-Range: bytes 0-4/10",
                 "ETag: \"a\""},
             .body = "01234"},
            {.status = 206,
                .fields = {"Cache-Control: max-age=3600",
                    "Content-Range: bytes 5-9/10",
                    "ETag: \"a\""},
                .body = "56789"}});
    EXPECT_EQ(part_of(path, "bytes=0-4").body, "01234");
    const support::http_response whole = ask({.path = path});
    EXPECT_EQ(whole.status, 200U);
    EXPECT_EQ(whole.body, "0123456789");
    EXPECT_NE(last_head(path).find("Range: bytes=5-"), std::string::npos) << last_head(path);
    EXPECT_EQ(ask({.path = path}).body, "0123456789");
    EXPECT_EQ(times_asked(path), 2U);
}

TEST_P(PartialCachingTest, PartsAreNotCombinedWithoutAStrongValidator)
{
    for (const field_lines& validator :
        {field_lines{}, field_lines{"ETag: W/\"a\""}, field_lines{"ETag: \"b\""}}) {
        const std::string path = new_page();
        field_lines first = {"Cache-Control: max-age=3600", "Content-Range: bytes 0-4/10"};
        first.insert(first.end(), validator.begin(), validator.end());
        will_answer(path,
            {{.status = 206, .fields = first, .body = "01234"},
                {.fields = {"Cache-Control: max-age=3600", "ETag: \"c\""}, .body = "abcdefghij"}});
        EXPECT_EQ(part_of(path, "bytes=0-4").body, "01234");
        EXPECT_EQ(ask({.path = path}).body, "abcdefghij");
    }
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
        EXPECT_EQ(times_asked(path), 2U) << content_range;
    }
}

}  // namespace
}  // namespace proxy
