#include "proxy/http1/parser.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace proxy::http1 {
namespace {

using boost::beast::http::verb;
using namespace std::string_literals;

result<std::size_t> parse(std::string_view octets, response_head& head, verb method = verb::get)
{
    response_parser parser;
    return parser.parse(octets, method, head);
}

response_head accepted(std::string_view octets, verb method = verb::get)
{
    response_head head;
    const result<std::size_t> parsed = parse(octets, head, method);
    EXPECT_TRUE(parsed) << octets << ": " << parsed.error().message();
    EXPECT_EQ(parsed ? *parsed : 0U, octets.size()) << octets;
    return head;
}

boost::system::error_code refusal(std::string_view octets, verb method = verb::get)
{
    response_head head;
    const result<std::size_t> parsed = parse(octets, head, method);
    return parsed ? boost::system::error_code{} : parsed.error();
}

std::string response(unsigned status, std::string_view lines)
{
    return "HTTP/1.1 " + std::to_string(status) + " x\r\n" + std::string{lines} + "\r\n";
}

TEST(ResponseParserTest, UnderstandsEveryPartOfAPlainResponse)
{
    const response_head head =
        accepted("HTTP/1.1 200 All right \x80\r\nContent-Length: 12\r\nX:y\r\n\r\n");
    EXPECT_EQ(head.status, 200U);
    EXPECT_EQ(head.minor_version, 1U);
    EXPECT_EQ(head.fields.size(), 2U);
    EXPECT_EQ(head.framing, body_framing::content_length);
    EXPECT_EQ(head.content_length, 12U);
    EXPECT_TRUE(head.keep_alive);
}

TEST(ResponseParserTest, LeavesNothingOfTheResponseBeforeInAHeadThatIsUsedAgain)
{
    response_parser parser;
    response_head head;
    ASSERT_TRUE(
        parser.parse("HTTP/1.0 404 x\r\nContent-Length: 12\r\nX: y\r\n\r\n", verb::get, head));
    ASSERT_TRUE(parser.parse("HTTP/1.1 204 x\r\n\r\n", verb::get, head));
    EXPECT_EQ(head.status, 204U);
    EXPECT_EQ(head.minor_version, 1U);
    EXPECT_TRUE(head.fields.empty());
    EXPECT_EQ(head.framing, body_framing::none);
    EXPECT_EQ(head.content_length, 0U);
    EXPECT_TRUE(head.keep_alive);
}

TEST(ResponseParserTest, TakesInterimResponsesAsHeadsOfTheirOwn)
{
    const std::string interim = "HTTP/1.1 103 x\r\nLink: </a>\r\n\r\n";
    const std::string final = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    response_parser parser;
    response_head head;
    ASSERT_EQ(parser.parse(interim + final, verb::get, head).value(), interim.size());
    EXPECT_EQ(head.status, 103U);
    EXPECT_EQ(head.framing, body_framing::none);
    EXPECT_TRUE(head.keep_alive);
    ASSERT_EQ(parser.parse(final, verb::get, head).value(), final.size());
    EXPECT_EQ(head.status, 200U);
    EXPECT_FALSE(head.fields.contains("Link"));
}

// RFC 9112, section 4.
TEST(ResponseParserTest, AcceptsAnEmptyReasonWithAndWithoutTheSpaceBeforeIt)
{
    EXPECT_EQ(accepted("HTTP/1.1 404 \r\n\r\n").status, 404U);
    EXPECT_EQ(accepted("HTTP/1.1 404\r\n\r\n").status, 404U);
}

TEST(ResponseParserTest, RefusesStatusLinesOutsideTheGrammar)
{
    const std::vector<std::string> lines{"HTTP/1.1",
        "HTTP/1.1 ",
        "HTTP/1.1 20",
        "HTTP/1.1 20 OK",
        "HTTP/1.1 2000 OK",
        "HTTP/1.1  200 OK",
        "HTTP/1.1 200\tOK",
        "HTTP/1.1 +20 OK",
        "HTTP/1.1 2x0 OK",
        "HTTP/1.1 099 OK",
        "HTTP/1.1 000 OK",
        "HTTP/1.1 200 O\x01K",
        "HTTP/1.1 200 O\rK",
        "HTTP/1.1 200 O\0K"s,
        "HTTP/1.1\t200 OK",
        "http/1.1 200 OK",
        "HTTP/1.10 200 OK",
        "HTTP/1.1200 OK",
        "ICY 200 OK",
        "\r\nHTTP/1.1 200 OK",
        " HTTP/1.1 200 OK"};
    for (const std::string& line : lines) {
        EXPECT_EQ(refusal(line + "\r\n\r\n"), errc::malformed_start_line)
            << testing::PrintToString(line);
    }
}

TEST(ResponseParserTest, PassesOnAStatusThatItDoesNotKnow)  // RFC 9110, section 15
{
    EXPECT_EQ(accepted(response(299, "")).status, 299U);
    EXPECT_EQ(accepted(response(599, "")).status, 599U);
    EXPECT_EQ(accepted(response(999, "")).status, 999U);
}

TEST(ResponseParserTest, RefusesAnotherMajorVersion)
{
    EXPECT_EQ(refusal("HTTP/2.0 200 OK\r\n\r\n"), errc::unsupported_version);
    EXPECT_EQ(refusal("HTTP/0.9 200 OK\r\n\r\n"), errc::unsupported_version);
}

TEST(ResponseParserTest, RefusesASwitchOfProtocolsThatNobodyAskedFor)  // RFC 9110, section 15.2.2
{
    EXPECT_EQ(refusal(response(101, "Upgrade: h2c\r\n")), errc::unexpected_upgrade);
}

// RFC 9112, section 5.1 and 5.2; RFC 9110, section 5.5.
TEST(ResponseParserTest, RefusesFieldLinesOutsideTheGrammar)
{
    for (const std::string& line :
        {"X : a"s, "X: a\r\n b"s, "X"s, ": a"s, "X: a\rb"s, "X: \0"s, "X: a\nY: b"s, " X: a"s}) {
        EXPECT_EQ(refusal(response(200, line + "\r\n")), errc::malformed_field_line)
            << testing::PrintToString(line);
    }
}

// RFC 9112, section 6.3, rule 1.
TEST(ResponseParserTest, FindsNoContentWhereThereCanBeNone)
{
    const std::string length = "Content-Length: 5\r\n";
    EXPECT_EQ(accepted(response(200, length), verb::head).framing, body_framing::none);
    EXPECT_EQ(accepted(response(200, "Transfer-Encoding: chunked\r\n"), verb::head).framing,
        body_framing::none);
    EXPECT_EQ(accepted(response(204, length)).framing, body_framing::none);
    EXPECT_EQ(accepted(response(304, length)).framing, body_framing::none);
    EXPECT_EQ(accepted(response(100, length)).framing, body_framing::none);
    EXPECT_EQ(accepted(response(200, length), verb::connect).framing, body_framing::none);
    EXPECT_EQ(accepted(response(407, length), verb::connect).framing, body_framing::content_length);
}

TEST(ResponseParserTest, EndsTheConnectionWhereTheOriginMayBelieveThatContentFollows)
{
    EXPECT_FALSE(accepted(response(204, "Content-Length: 5\r\n")).keep_alive);
    EXPECT_FALSE(accepted(response(304, "Transfer-Encoding: chunked\r\n")).keep_alive);
    EXPECT_TRUE(accepted(response(204, "Content-Length: 0\r\n")).keep_alive);
    EXPECT_TRUE(accepted(response(304, "Content-Length: 5\r\n")).keep_alive);
    EXPECT_TRUE(accepted(response(200, "Content-Length: 5\r\n"), verb::head).keep_alive);
    EXPECT_TRUE(accepted(response(200, "Transfer-Encoding: chunked\r\n"), verb::head).keep_alive);
}

// RFC 9112, section 6.1 and section 6.3, rules 3 and 4.
TEST(ResponseParserTest, RefusesTransferEncodingThatCanNotBeBelieved)
{
    const std::string chunked = "Transfer-Encoding: chunked\r\n";
    for (const std::string& octets : {response(204, chunked),
             response(100, chunked),
             "HTTP/1.0 200 OK\r\n" + chunked + "\r\n",
             response(200, chunked + "Content-Length: 5\r\n"),
             response(200, "Content-Length: 5\r\n" + chunked),
             response(200, chunked + chunked),
             response(200, "Transfer-Encoding: gzip\r\n"),
             response(200, "Transfer-Encoding: chunked, gzip\r\n"),
             response(200, "Transfer-Encoding:\r\n")}) {
        EXPECT_EQ(refusal(octets), errc::malformed_transfer_coding) << octets;
    }
    EXPECT_EQ(refusal(response(200, "Transfer-Encoding: gzip, chunked\r\n")),
        errc::unknown_transfer_coding);
}

// RFC 9112, section 6.3, rule 5.
TEST(ResponseParserTest, RefusesAContentLengthThatIsNotOneNumber)
{
    for (const std::string value :
        {"5, 5", "-1", "", "5\r\nContent-Length: 5", "9007199254740993"}) {
        const std::string line = "Content-Length: " + value + "\r\n";
        EXPECT_EQ(refusal(response(200, line)), errc::malformed_content_length) << value;
        EXPECT_EQ(refusal(response(304, line)), errc::malformed_content_length) << value;
        EXPECT_EQ(refusal(response(200, line), verb::head), errc::malformed_content_length)
            << value;
    }
}

// RFC 9112, section 6.3, rule 8.
TEST(ResponseParserTest, ReadsToTheEndOfTheConnectionWithoutALength)
{
    const response_head head = accepted(response(200, "Connection: keep-alive\r\n"));
    EXPECT_EQ(head.framing, body_framing::until_close);
    EXPECT_FALSE(head.keep_alive);
}

// RFC 9112, section 9.3.
TEST(ResponseParserTest, KeepsConnectionsAliveAsTheVersionAndTheOriginSay)
{
    const std::string length = "Content-Length: 5\r\n";
    EXPECT_TRUE(accepted(response(200, length)).keep_alive);
    EXPECT_FALSE(accepted(response(200, length + "Connection: x, Close\r\n")).keep_alive);
    EXPECT_FALSE(accepted("HTTP/1.0 200 OK\r\n" + length + "\r\n").keep_alive);
    EXPECT_TRUE(
        accepted("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n" + length + "\r\n").keep_alive);
    EXPECT_FALSE(accepted(response(204, "Connection: close\r\n")).keep_alive);
    const response_head chunked = accepted(response(200, "Transfer-Encoding: chunked\r\n"));
    EXPECT_EQ(chunked.framing, body_framing::chunked);
    EXPECT_TRUE(chunked.keep_alive);
}

TEST(ResponseParserTest, EndsTheConnectionIfItsOptionsAreNoTokens)
{
    EXPECT_FALSE(
        accepted(response(200, "Content-Length: 5\r\nConnection: keep-alive; x\r\n")).keep_alive);
}

TEST(ResponseParserTest, RefusesWhatIsNotHttpBeforeALineOfItEnds)
{
    EXPECT_EQ(refusal("SSH-2.0-"), errc::malformed_start_line);
    EXPECT_EQ(refusal("<html>"), errc::malformed_start_line);
    EXPECT_EQ(refusal("HTTP/1.1 200 x\ny: z\r\n"), errc::malformed_start_line);
    response_head head;
    EXPECT_EQ(*parse("", head), 0U);
}

TEST(ResponseParserTest, HoldsTheLimits)
{
    const head_limits limits{.start_line_octets = 20, .section_octets = 60, .fields = 2};
    const auto parse_limited = [&](std::string_view octets) {
        response_head head;
        const result<std::size_t> parsed = response_parser{limits}.parse(octets, verb::get, head);
        return parsed ? boost::system::error_code{} : parsed.error();
    };
    EXPECT_FALSE(parse_limited("HTTP/1.1 200 1234567\r\n\r\n"));
    EXPECT_EQ(parse_limited("HTTP/1.1 200 12345678\r\n\r\n"), errc::fields_too_large);
    EXPECT_FALSE(parse_limited(response(200, "A:\r\nB:\r\n")));
    EXPECT_EQ(parse_limited(response(200, "A:\r\nB:\r\nC:\r\n")), errc::too_many_fields);
    EXPECT_EQ(parse_limited(response(200, "A: " + std::string(40, 'a') + "\r\n")),
        errc::fields_too_large);
}

TEST(ResponseParserTest, SeesNoDifferenceBetweenOneReadAndReadsOfOneOctet)
{
    for (const std::string& octets : {response(200, "A: b\r\nContent-Length: 3\r\n"),
             "HTTP/1.0 200\r\nA: b\r\n\r\n"s,
             response(200, "A: b\nC: d\r\n"),
             response(200, "A: b\r\n c\r\n"),
             "HTTP/1.1 2 0\r\nA: b\n\r\n"s}) {
        response_head whole;
        const result<std::size_t> expected = parse(octets, whole);
        response_parser parser;
        response_head cut;
        result<std::size_t> parsed = std::size_t{0};
        for (std::size_t end = 1; end <= octets.size() && parsed && *parsed == 0; ++end) {
            const std::string buffer = octets.substr(0, end);
            parsed = parser.parse(buffer, verb::get, cut);
        }
        EXPECT_EQ(parsed, expected) << octets;
        if (expected) {
            EXPECT_EQ(cut.status, whole.status);
            EXPECT_EQ(cut.fields, whole.fields);
            EXPECT_EQ(cut.framing, whole.framing);
        }
    }
}

}  // namespace
}  // namespace proxy::http1
