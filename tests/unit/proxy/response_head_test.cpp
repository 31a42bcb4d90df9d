#include "proxy/core/response_head.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace proxy {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST(ResponseHeadTest, StableHeadHoldsStatusLineStoredFieldsAndVia)
{
    cache::field_section fields;
    fields.add("Content-Type", "text/plain");
    EXPECT_EQ(stable_head(200, fields, "atoll-1"),
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nVia: 1.1 atoll-1\r\n");
}

TEST(ResponseHeadTest, EndingCarriesOneFramingAndEndsTheHead)
{
    std::string out;
    head_ending ending;
    ending.age = std::chrono::seconds{7};
    ending.content_length = 5;
    append_ending(out, ending, "atoll-1", cache_status{.hit = true});
    EXPECT_THAT(out, StartsWith("Age: 7\r\nCache-Status: atoll-1;hit\r\n"));
    EXPECT_THAT(out, EndsWith("Content-Length: 5\r\n\r\n"));
    EXPECT_THAT(out, Not(HasSubstr("Transfer-Encoding")));
    EXPECT_THAT(out, Not(HasSubstr("Connection")));
}

TEST(ResponseHeadTest, EndingSaysWhenTheConnectionEnds)
{
    std::string out;
    head_ending ending;
    ending.keep_alive = false;
    append_ending(out, ending, "atoll-1", {});
    EXPECT_THAT(out, HasSubstr("Connection: close\r\n"));
}

TEST(ResponseHeadTest, AnOldClientIsToldThatTheConnectionGoesOn)
{
    std::string out;
    head_ending ending;
    ending.client_minor_version = 0;
    append_ending(out, ending, "atoll-1", {});
    EXPECT_THAT(out, HasSubstr("Connection: keep-alive\r\n"));
}

TEST(ResponseHeadTest, NoAgeIsWrittenWhereNoneIsKnown)
{
    std::string out;
    append_ending(out, head_ending{}, "atoll-1", {});
    EXPECT_THAT(out, Not(HasSubstr("Age:")));
}

TEST(ResponseHeadTest, CookiesOfASiteStayOutOfCoralizedAnswersOnly)
{
    cache::field_section fields;
    fields.add("Set-Cookie", "a=1");
    fields.add("ETag", "\"x\"");
    target where;
    where.way = way_in::forward;
    EXPECT_TRUE(fields_for_client(fields, where, "atoll.localhost").contains("Set-Cookie"));
    where.way = way_in::coralized;
    where.coral_authority = "www.example.com.atoll.localhost:3128";
    const cache::field_section coralized = fields_for_client(fields, where, "atoll.localhost");
    EXPECT_FALSE(coralized.contains("Set-Cookie"));
    EXPECT_TRUE(coralized.contains("ETag"));
}

TEST(OwnAnswerTest, NamesTheErrorAndCountsItsBody)
{
    own_answer answer;
    answer.status = 504;
    answer.text = "too slow";
    answer.proxy_error = "connection_timeout";
    const std::string text = write_answer(answer, "atoll-1", "Sun, 22 Nov 2026 00:00:00 GMT");
    EXPECT_THAT(text, StartsWith("HTTP/1.1 504 Gateway Timeout\r\n"));
    EXPECT_THAT(text, HasSubstr("Proxy-Status: atoll-1;error=connection_timeout\r\n"));
    EXPECT_THAT(text, HasSubstr("Cache-Control: no-store\r\n"));
    EXPECT_THAT(text, HasSubstr("Connection: close\r\n"));
    EXPECT_THAT(
        text, EndsWith("Content-Length: 21\r\nConnection: close\r\n\r\natoll: 504: too slow\n"));
}

TEST(OwnAnswerTest, AnAnswerToHeadHasTheLengthAndNoBody)
{
    own_answer answer;
    answer.status = 403;
    answer.text = "no";
    answer.head_only = true;
    const std::string text = write_answer(answer, "atoll-1", "Sun, 22 Nov 2026 00:00:00 GMT");
    EXPECT_THAT(text, HasSubstr("Content-Length: 15\r\n"));
    EXPECT_THAT(text, EndsWith("\r\n\r\n"));
}

}  // namespace
}  // namespace proxy
