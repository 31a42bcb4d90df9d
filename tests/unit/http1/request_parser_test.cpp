#include "proxy/http1/parser.hpp"
#include "tests/unit/http1/feeding.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace proxy::http1 {
namespace {

using boost::beast::http::verb;
using namespace std::string_literals;

// What a request that is complete is refused for; success if it is accepted.
boost::system::error_code refusal(std::string_view octets)
{
    request_head head;
    const result<std::size_t> parsed = parse_at_once(octets, head);
    if (parsed) {
        EXPECT_EQ(*parsed, octets.size()) << octets;
        return {};
    }
    return parsed.error();
}

request_head accepted(std::string_view octets)
{
    request_head head;
    const result<std::size_t> parsed = parse_at_once(octets, head);
    EXPECT_TRUE(parsed) << octets << ": " << parsed.error().message();
    EXPECT_EQ(parsed ? *parsed : 0U, octets.size()) << octets;
    return head;
}

std::string get(std::string_view lines)
{
    return "GET / HTTP/1.1\r\nHost: a\r\n" + std::string{lines} + "\r\n";
}

std::string post(std::string_view lines)
{
    return "POST / HTTP/1.1\r\nHost: a\r\n" + std::string{lines} + "\r\n";
}

void expect_refused(const std::vector<std::string>& requests, errc reason)
{
    for (const std::string& request : requests) {
        EXPECT_EQ(refusal(request), reason) << testing::PrintToString(request);
    }
}

TEST(RequestParserTest, UnderstandsEveryPartOfAPlainRequest)
{
    const request_head head = accepted(
        "GET /a/b?c=d HTTP/1.1\r\nHost: example.com:81\r\naCCept:\t text/html, */* "
        "\t\r\nX:\r\n\r\n");
    EXPECT_EQ(head.method, "GET");
    EXPECT_EQ(head.verb, verb::get);
    EXPECT_EQ(head.target, "/a/b?c=d");
    EXPECT_EQ(head.form, target_form::origin);
    EXPECT_EQ(head.minor_version, 1U);
    EXPECT_EQ(head.fields.size(), 3U);
    EXPECT_EQ(head.fields.first(cache::field::host), "example.com:81");
    EXPECT_EQ(head.fields.first("accept"), "text/html, */*");
    EXPECT_EQ(head.fields.first("x"), "");
    EXPECT_EQ(head.framing, body_framing::none);
    EXPECT_TRUE(head.keep_alive);
    EXPECT_FALSE(head.expect_continue);
}

TEST(RequestParserTest, LeavesNothingOfTheRequestBeforeInAHeadThatIsUsedAgain)
{
    request_parser parser;
    request_head head;
    const std::string_view large =
        "POST http://b/ HTTP/1.0\r\nHost: b\r\nContent-Length: 7\r\nExpect: 100-continue\r\n\r\n";
    ASSERT_EQ(parser.parse(large, head).value(), large.size());
    const std::string_view small = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    ASSERT_EQ(parser.parse(small, head).value(), small.size());
    EXPECT_EQ(head.method, "GET");
    EXPECT_EQ(head.form, target_form::origin);
    EXPECT_EQ(head.minor_version, 1U);
    EXPECT_EQ(head.fields.size(), 1U);
    EXPECT_EQ(head.framing, body_framing::none);
    EXPECT_EQ(head.content_length, 0U);
    EXPECT_TRUE(head.keep_alive);
}

TEST(RequestParserTest, TakesPipelinedRequestsOneAfterAnother)
{
    const std::string first = "GET /1 HTTP/1.1\r\nHost: a\r\n\r\n";
    const std::string both = first + "GET /2 HTTP/1.1\r\nHost: a\r\n\r\nGET";
    request_parser parser;
    request_head head;
    ASSERT_EQ(parser.parse(both, head).value(), first.size());
    EXPECT_EQ(head.target, "/1");
    const std::string_view rest = std::string_view{both}.substr(first.size());
    ASSERT_EQ(parser.parse(rest, head).value(), rest.size() - 3);
    EXPECT_EQ(head.target, "/2");
    EXPECT_EQ(parser.parse("GET", head).value(), 0U);
}

// RFC 9112, section 2.2.
TEST(RequestParserTest, AllowsOneEmptyLineBeforeTheRequest)
{
    EXPECT_EQ(accepted("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n").target, "/");
    expect_refused({"\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
                       "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
                       "\rGET / HTTP/1.1\r\nHost: a\r\n\r\n"},
        errc::malformed_start_line);
}

// RFC 9112, section 3.
TEST(RequestParserTest, RefusesRequestLinesThatAreNotThreePartsWithSingleSpaces)
{
    const std::string rest = "\r\nHost: a\r\n\r\n";
    expect_refused({"GET /" + rest,
                       "GET" + rest,
                       "GET / HTTP/1.1 " + rest,
                       "GET / HTTP/1.1\t" + rest,
                       "GET\t/\tHTTP/1.1" + rest,
                       " GET / HTTP/1.1" + rest,
                       "G(T / HTTP/1.1" + rest,
                       "G\0T / HTTP/1.1"s + rest,
                       "G\x80T / HTTP/1.1" + rest,
                       "GET / HTTP/1.1\r" + rest},
        errc::malformed_start_line);
    expect_refused({"GET  / HTTP/1.1" + rest, "GET /  HTTP/1.1" + rest, "GET /a b HTTP/1.1" + rest},
        errc::malformed_target);
}

// RFC 9112, section 2.3; RFC 9110, section 2.5.
TEST(RequestParserTest, AcceptsAHigherMinorVersionAsTheHighestItKnows)
{
    EXPECT_EQ(accepted("GET / HTTP/1.9\r\nHost: a\r\n\r\n").minor_version, 1U);
    EXPECT_EQ(accepted("GET / HTTP/1.0\r\n\r\n").minor_version, 0U);
}

TEST(RequestParserTest, RefusesAnotherMajorVersion)
{
    expect_refused({"GET / HTTP/2.0\r\nHost: a\r\n\r\n",
                       "GET / HTTP/0.9\r\nHost: a\r\n\r\n",
                       "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"},
        errc::unsupported_version);
}

TEST(RequestParserTest, RefusesVersionsThatAreNotSpelledExactly)
{
    for (const std::string version : {"http/1.1",
             "Http/1.1",
             "HTTP/1",
             "HTTP/1.",
             "HTTP/1.10",
             "HTTP/01.1",
             "HTTP/1,1",
             "HTTP 1.1",
             "HTTPS/1.1",
             "HTTP/a.b",
             "HTTP/-1.1"}) {
        EXPECT_EQ(status_for(refusal("GET / " + version + "\r\nHost: a\r\n\r\n")), 400U) << version;
    }
}

TEST(RequestParserTest, KeepsTheCaseOfMethodsAndKnowsOnlyUpperCase)
{
    const request_head head = accepted("get / HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(head.method, "get");
    EXPECT_EQ(head.verb, verb::unknown);
}

// RFC 9112, section 3.2.
TEST(RequestParserTest, TellsTheFourFormsOfATarget)
{
    EXPECT_EQ(
        accepted("GET http://b:81/?q HTTP/1.1\r\nHost: a\r\n\r\n").form, target_form::absolute);
    EXPECT_EQ(accepted("CONNECT b:443 HTTP/1.1\r\nHost: b\r\n\r\n").form, target_form::authority);
    EXPECT_EQ(accepted("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n").form, target_form::asterisk);
    EXPECT_EQ(accepted("OPTIONS / HTTP/1.1\r\nHost: a\r\n\r\n").form, target_form::origin);
}

TEST(RequestParserTest, RefusesTargetsThatDoNotFitTheirMethod)
{
    for (const std::string start : {"GET *",
             "GET b:80",
             "GET b",
             "OPTIONS **",
             "CONNECT /",
             "CONNECT b",
             "CONNECT b:",
             "CONNECT b:0",
             "CONNECT http://b:443/",
             "CONNECT u@b:443",
             "GET http:///x",
             "GET http://u:p@b/",
             "GET http:/b",
             "GET ://b/"}) {
        EXPECT_EQ(refusal(start + " HTTP/1.1\r\nHost: a\r\n\r\n"), errc::malformed_target) << start;
    }
}

TEST(RequestParserTest, RefusesTargetsWithAFragmentOrAnyOctetThatIsNotVisibleAscii)
{
    for (const std::string target :
        {"/#", "/a#b", "/\x7f", "/\x80", "/\xc3\xa9", "/\t", "/\x01", "/\v", "http://b/#x"}) {
        EXPECT_EQ(refusal("GET " + target + " HTTP/1.1\r\nHost: a\r\n\r\n"), errc::malformed_target)
            << target;
    }
    EXPECT_EQ(refusal("GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n"s), errc::malformed_target);
    EXPECT_EQ(refusal("GET /\r/ HTTP/1.1\r\nHost: a\r\n\r\n"), errc::malformed_target);
}

// RFC 9112, section 2.2 allows a recipient to accept these; then it sees lines that others do not.
TEST(RequestParserTest, RefusesABareLineFeedWhereverALineEnds)
{
    expect_refused({"GET / HTTP/1.1\nHost: a\r\n\r\n"}, errc::malformed_start_line);
    expect_refused({"GET / HTTP/1.1\r\nHost: a\n\r\n",
                       "GET / HTTP/1.1\r\nHost: a\r\n\n",
                       "GET / HTTP/1.1\r\n\n",
                       "GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n"},
        errc::malformed_field_line);
}

// RFC 9112, section 2.2 and 5; RFC 9110, section 5.5.
TEST(RequestParserTest, RefusesFieldLinesOutsideTheGrammar)
{
    const std::vector<std::string> lines{"X : a",
        "X\t: a",
        " X: a",
        ": a",
        "X",
        "X a",
        "(X): a",
        "X\x80: a",
        "X\0: a"s,
        "X: \0"s,
        "X: a\0b"s,
        "X: a\rb",
        "X: a\r",
        "\rX: a",
        "X: \x01",
        "X: a\x7f",
        "X: a\x1b[0m",
        "X: \v"};
    for (const std::string& line : lines) {
        EXPECT_EQ(refusal(get(line + "\r\n")), errc::malformed_field_line)
            << testing::PrintToString(line);
    }
}

// RFC 9112, section 5.2.
TEST(RequestParserTest, RefusesAFoldedLine)
{
    expect_refused({get("X: a\r\n b\r\n"),
                       get("X: a\r\n\tb\r\n"),
                       get("Transfer-Encoding:\r\n chunked\r\n"),
                       get(" \r\n"),
                       "GET / HTTP/1.1\r\n Host: a\r\n\r\n"},
        errc::malformed_field_line);
}

TEST(RequestParserTest, AcceptsValuesOfVisibleOctetsBlanksAndObsText)
{
    const request_head head = accepted(get("X: a \t b\r\nY:\xc3\xa9\r\nZ: :\r\n"));
    EXPECT_EQ(head.fields.first("x"), "a \t b");
    EXPECT_EQ(head.fields.first("y"), "\xc3\xa9");
    EXPECT_EQ(head.fields.first("z"), ":");
}

// RFC 9112, section 3.2.
TEST(RequestParserTest, DemandsExactlyOneValidHost)
{
    const std::string line = "GET / HTTP/1.1\r\n";
    expect_refused({line + "\r\n",
                       line + "Host: a\r\nHost: a\r\n\r\n",
                       line + "Host: a\r\nX: y\r\nhost: b\r\n\r\n",
                       line + "Host:\r\n\r\n",
                       line + "Host: a b\r\n\r\n",
                       line + "Host: a, b\r\n\r\n",
                       line + "Host: u@a\r\n\r\n",
                       line + "Host: http://a\r\n\r\n",
                       line + "Host: a/b\r\n\r\n",
                       line + "Host: a:b\r\n\r\n",
                       line + "Host: a:99999\r\n\r\n",
                       line + "Host: [::1\r\n\r\n",
                       line + "Host: \xc3\xa9\r\n\r\n",
                       "GET http://b/ HTTP/1.1\r\n\r\n",
                       "GET http://b/ HTTP/1.1\r\nHost: u@b\r\n\r\n",
                       "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n",
                       "GET / HTTP/1.0\r\nHost: @\r\n\r\n"},
        errc::malformed_host);
    accepted(line + "Host: [2001:db8::1]:81\r\n\r\n");
}

// RFC 9112, section 6.3, rules 5 and 6.
TEST(RequestParserTest, ReadsOneDecimalContentLength)
{
    const request_head head = accepted(post("Content-Length: 9007199254740992\r\n"));
    EXPECT_EQ(head.framing, body_framing::content_length);
    EXPECT_EQ(head.content_length, 1ULL << 53);
    EXPECT_EQ(accepted(post("Content-Length: 0\r\n")).framing, body_framing::content_length);
    EXPECT_EQ(accepted(post("Content-Length: 0012\r\n")).content_length, 12U);
    EXPECT_EQ(accepted(post("")).framing, body_framing::none);
}

TEST(RequestParserTest, RefusesContentLengthsThatAnotherRecipientMightReadOtherwise)
{
    for (const std::string value : {"",
             "a",
             "+5",
             "-5",
             "5 5",
             "5,5",
             "5, 5",
             "5,",
             "0x5",
             "5.0",
             "5e1",
             "\"5\"",
             "5;a",
             "9007199254740993",
             "18446744073709551616",
             "18446744073709551621",
             "99999999999999999999999999"}) {
        EXPECT_EQ(
            refusal(post("Content-Length: " + value + "\r\n")), errc::malformed_content_length)
            << value;
    }
    expect_refused({post("Content-Length: 5\r\nContent-Length: 6\r\n"),
                       post("Content-Length: 5\r\nContent-Length: 5\r\n"),
                       post("Content-Length: 5\r\nX: y\r\ncontent-length: 5\r\n")},
        errc::malformed_content_length);
}

// RFC 9112, section 6.1.
TEST(RequestParserTest, ReadsChunkedInAnyLetterCase)
{
    EXPECT_EQ(accepted(post("Transfer-Encoding: chunked\r\n")).framing, body_framing::chunked);
    EXPECT_EQ(accepted(post("transfer-encoding: CHUNKED\t\r\n")).framing, body_framing::chunked);
}

TEST(RequestParserTest, RefusesTransferEncodingThatDoesNotEndInOneChunked)
{
    for (const std::string value : {"",
             "chunked, gzip",
             "chunked, chunked",
             "chunked,",
             ", chunked",
             "gzip",
             "identity",
             "xchunked",
             "chunkedx",
             "\"chunked\"",
             "chunked;a=b",
             "chunked\v",
             "chunked chunked",
             "chunked gzip"}) {
        EXPECT_EQ(status_for(refusal(post("Transfer-Encoding: " + value + "\r\n"))), 400U) << value;
    }
    expect_refused({post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
                       post("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n")},
        errc::malformed_transfer_coding);
}

TEST(RequestParserTest, DoesNotKnowACodingBeforeChunked)
{
    expect_refused({post("Transfer-Encoding: gzip, chunked\r\n"),
                       post("Transfer-Encoding: identity,chunked\r\n")},
        errc::unknown_transfer_coding);
}

// RFC 9112, section 6.3, rule 3.
TEST(RequestParserTest, RefusesTransferEncodingBesideContentLength)
{
    expect_refused({post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"),
                       post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"),
                       post("Transfer-Encoding: gzip\r\nContent-Length: 5\r\n")},
        errc::malformed_transfer_coding);
}

TEST(RequestParserTest, RefusesTransferEncodingInHttp10)
{
    expect_refused(
        {"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"}, errc::malformed_transfer_coding);
}

// RFC 9110, section 9.3.6.
TEST(RequestParserTest, RefusesContentOfAConnect)
{
    const std::string line = "CONNECT b:443 HTTP/1.1\r\nHost: b\r\n";
    expect_refused({line + "Content-Length: 1\r\n\r\n"}, errc::malformed_content_length);
    expect_refused({line + "Transfer-Encoding: chunked\r\n\r\n"}, errc::malformed_transfer_coding);
    EXPECT_EQ(accepted(line + "Content-Length: 0\r\n\r\n").framing, body_framing::none);
}

// RFC 9112, section 9.3.
TEST(RequestParserTest, KeepsConnectionsAliveAsTheVersionAndTheClientSay)
{
    EXPECT_TRUE(accepted(get("")).keep_alive);
    EXPECT_TRUE(accepted(get("Connection: keep-alive, x\r\n")).keep_alive);
    EXPECT_FALSE(accepted(get("Connection: close\r\n")).keep_alive);
    EXPECT_FALSE(accepted(get("Connection: x ,\tCLOSE\r\n")).keep_alive);
    EXPECT_FALSE(accepted(get("Connection: keep-alive\r\nConnection: close\r\n")).keep_alive);
    EXPECT_TRUE(accepted(get("Connection: closed\r\n")).keep_alive);
    EXPECT_FALSE(accepted("GET / HTTP/1.0\r\n\r\n").keep_alive);
    EXPECT_TRUE(accepted("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n").keep_alive);
    EXPECT_FALSE(accepted("GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n").keep_alive);
}

// RFC 9110, section 7.6.1.
TEST(RequestParserTest, RefusesConnectionOptionsThatAreNoTokens)
{
    expect_refused({get("Connection: a b\r\n"),
                       get("Connection: keep-alive; timeout=5\r\n"),
                       get("Connection: \"close\"\r\n"),
                       get("Connection: close\r\nConnection: x/y\r\n")},
        errc::malformed_field_line);
    EXPECT_TRUE(accepted(get("Connection:\r\nConnection: , x,\r\n")).keep_alive);
}

// RFC 9112, section 9.3 and appendix C.2.2.
TEST(RequestParserTest, ProxyKeepsNoConnectionOfAnHttp10ClientAlive)
{
    EXPECT_FALSE(accepted("GET http://b/ HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").keep_alive);
}

// RFC 9110, section 10.1.1.
TEST(RequestParserTest, ExpectsContinueOnlyWhereContentFollows)
{
    const std::string expect = "Expect: 100-Continue\r\n";
    EXPECT_TRUE(accepted(post(expect + "Content-Length: 1\r\n")).expect_continue);
    EXPECT_TRUE(accepted(post(expect + "Transfer-Encoding: chunked\r\n")).expect_continue);
    EXPECT_FALSE(accepted(post(expect + "Content-Length: 0\r\n")).expect_continue);
    EXPECT_FALSE(accepted(get(expect)).expect_continue);
    EXPECT_FALSE(
        accepted("POST / HTTP/1.0\r\n" + expect + "Content-Length: 1\r\n\r\n").expect_continue);
}

TEST(RequestParserTest, RefusesAnExpectationThatItDoesNotKnow)
{
    expect_refused({post("Expect: 200-ok\r\n"),
                       post("Expect: 100-continue, x\r\n"),
                       post("Expect: 100-continue=1\r\n"),
                       post("Expect:\r\n"),
                       post("Expect: 100-continue\r\nExpect: y\r\n")},
        errc::unknown_expectation);
}

TEST(RequestParserTest, RefusesGarbageBeforeALineOfItEnds)
{
    request_head head;
    for (const std::string_view garbage :
        {"\x16\x03\x01", " ", "\n", "\r\n\r", "\r\r", "\x80", "{", "\r\n "}) {
        EXPECT_EQ(parse_at_once(garbage, head).error(), errc::malformed_start_line) << garbage;
    }
}

TEST(RequestParserTest, RefusesAMalformedRequestLineBeforeTheFieldsAreThere)
{
    request_head head;
    EXPECT_EQ(parse_at_once("GET /\r\n", head).error(), errc::malformed_start_line);
}

TEST(RequestParserTest, HoldsALimitOnTheRequestLine)
{
    const head_limits limits{.start_line_octets = 20, .section_octets = 100, .fields = 3};
    const auto request = [](std::size_t octets) {
        return "GET /" + std::string(octets - 14, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n";
    };
    request_head head;
    EXPECT_TRUE(request_parser{limits}.parse(request(20), head));
    EXPECT_EQ(request_parser{limits}.parse(request(21), head).error(), errc::target_too_long);
    EXPECT_EQ(request_parser{limits}.parse(std::string(21, 'G'), head).value(), 0U);
    EXPECT_EQ(
        request_parser{limits}.parse(std::string(22, 'G'), head).error(), errc::target_too_long);
}

TEST(RequestParserTest, HoldsALimitOnTheSection)
{
    const head_limits limits{.start_line_octets = 20, .section_octets = 100, .fields = 3};
    const auto request = [](std::size_t octets) {
        const std::string rest = "GET / HTTP/1.1\r\nHost: a\r\nX: \r\n\r\n";
        return std::string{rest}.insert(rest.size() - 4, octets - rest.size(), 'x');
    };
    request_head head;
    EXPECT_EQ(request_parser{limits}.parse(request(100), head).value(), 100U);
    EXPECT_EQ(request_parser{limits}.parse(request(101), head).error(), errc::fields_too_large);
    const std::string unfinished = request(150).substr(0, 101);
    EXPECT_EQ(request_parser{limits}.parse(unfinished, head).error(), errc::fields_too_large);
    EXPECT_EQ(request_parser{limits}.parse(unfinished.substr(0, 100), head).value(), 0U);
}

TEST(RequestParserTest, HoldsALimitOnTheNumberOfFields)
{
    const head_limits limits{.start_line_octets = 20, .section_octets = 100, .fields = 3};
    request_head head;
    EXPECT_TRUE(request_parser{limits}.parse(get("A: \r\nB: \r\n"), head));
    EXPECT_EQ(request_parser{limits}.parse(get("A: \r\nB: \r\nC: \r\n"), head).error(),
        errc::too_many_fields);
}

TEST(RequestParserTest, AcceptsARequestLineOf8000Octets)  // RFC 9112, section 3
{
    accepted("GET /" + std::string(8000, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n");
}

// Requests with which every cut into reads is tried.
std::vector<std::string> requests_to_cut()
{
    return {"GET /a HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\n",
        "\r\nPOST http://b/ HTTP/1.0\r\nContent-Length: 3\r\n\r\n",
        "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\n\r\n",
        "GET / HTTP/1.1\r\nHost : a\r\nX: y\n\r\n",
        "GET /\r\nHost: a\n\r\n",
        "GET / HTTP/3.0\r\nHost: a\r\n\r\n",
        "\r\n\r\nGET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n z\r\n\r\n"};
}

void expect_same(const request_head& left, const request_head& right)
{
    EXPECT_EQ(left.method, right.method);
    EXPECT_EQ(left.target, right.target);
    EXPECT_EQ(left.form, right.form);
    EXPECT_EQ(left.minor_version, right.minor_version);
    EXPECT_EQ(left.fields, right.fields);
    EXPECT_EQ(left.framing, right.framing);
    EXPECT_EQ(left.content_length, right.content_length);
    EXPECT_EQ(left.keep_alive, right.keep_alive);
    EXPECT_EQ(left.expect_continue, right.expect_continue);
}

TEST(RequestParserTest, SeesNoDifferenceBetweenOneReadAndTwo)
{
    for (const std::string& request : requests_to_cut()) {
        request_head whole;
        const result<std::size_t> expected = parse_at_once(request, whole);
        for (std::size_t first = 0; first != request.size(); ++first) {
            request_head cut;
            const result<std::size_t> parsed = parse_in_two(request, first, cut);
            ASSERT_EQ(parsed, expected) << testing::PrintToString(request) << " at " << first;
            if (expected) {
                expect_same(cut, whole);
            }
        }
    }
}

TEST(RequestParserTest, SeesNoDifferenceBetweenOneReadAndReadsOfOneOctet)
{
    for (const std::string& request : requests_to_cut()) {
        request_head whole;
        request_head cut;
        const result<std::size_t> expected = parse_at_once(request, whole);
        ASSERT_EQ(parse_octet_by_octet(request, cut), expected) << testing::PrintToString(request);
        if (expected) {
            expect_same(cut, whole);
        }
    }
}

TEST(RequestParserTest, MeetsALimitAtTheSameRefusalHoweverTheReadsAreCut)
{
    const head_limits limits{.start_line_octets = 16, .section_octets = 40, .fields = 2};
    for (const std::string request : {"GET /123 HTTP/1.1\r\nHost: a\r\n\r\n",
             "GET /1234 HTTP/1.1\r\nHost: a\n\r\n",
             "GET / HTTP/1.1\r\nHost: a\r\nA:\r\nB:\r\nC\n",
             "GET / HTTP/1.1\r\nHost: aaaaaaaaaaaaaaaaaaaaaaaaaa\n\r\n",
             "GET / HTTP/1.1\r\nHost: aaaaaaaaaaaa\r\nA: b\n\r\n"}) {
        request_head head;
        const result<std::size_t> whole = request_parser{limits}.parse(request, head);
        EXPECT_EQ(parse_octet_by_octet(request, head, limits), whole) << request;
    }
}

}  // namespace
}  // namespace proxy::http1
