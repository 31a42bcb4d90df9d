#include "proxy/admin/access_line.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <regex>

namespace proxy {
namespace {

namespace json = boost::json;

log_record sample()
{
    log_record record;
    record.client = boost::asio::ip::make_address("127.0.0.1");
    record.time = std::chrono::sys_days{std::chrono::year{2000} / 10 / 10} +
                  std::chrono::hours{13} + std::chrono::minutes{55} + std::chrono::seconds{36} +
                  std::chrono::milliseconds{7};
    record.method = "GET";
    record.target = "/apache_pb.gif";
    record.host = "www.example.com";
    record.minor_version = 0;
    record.status = 200;
    record.content_octets = 2326;
    record.duration = std::chrono::microseconds{1'500};
    return record;
}

std::string line(const log_record& record, log_format format)
{
    std::string out;
    append_access_line(out, record, format);
    return out;
}

// What a reader of the Common Log Format makes of the quoted part.
std::string unescaped(const std::string& text)
{
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\') {
            out += text[i];
        } else if (text[++i] == 'x') {
            out += static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16));
            i += 2;
        } else {
            out += text[i];
        }
    }
    return out;
}

std::string every_octet()
{
    std::string out;
    for (int octet = 0; octet < 256; ++octet) {
        out += static_cast<char>(octet);
    }
    return out;
}

void expect_one_printable_line(const std::string& text)
{
    ASSERT_FALSE(text.empty());
    EXPECT_EQ(text.find('\n'), text.size() - 1);
    EXPECT_TRUE(
        std::all_of(text.begin(), text.end() - 1, [](char c) { return c >= 0x20 && c < 0x7F; }));
}

TEST(AccessLineTest, CommonLogFormatIsTheKnownOne)
{
    EXPECT_EQ(line(sample(), log_format::common),
        "127.0.0.1 - - [10/Oct/2000:13:55:36 +0000] \"GET /apache_pb.gif HTTP/1.0\" 200 2326\n");
}

TEST(AccessLineTest, RequestThatWasNotUnderstoodIsADash)
{
    log_record record = sample();
    record.method = "";
    record.target = "";
    record.status = 400;
    EXPECT_THAT(line(record, log_format::common), testing::HasSubstr("] \"-\" 400 "));
}

TEST(AccessLineTest, HostileTargetStaysInsideItsQuotes)
{
    const std::string hostile = every_octet() + "\" 200 1\n127.0.0.1 - - [x] \"GET /forged \\";
    log_record record = sample();
    record.target = hostile;
    const std::string text = line(record, log_format::common);
    expect_one_printable_line(text);
    const std::regex format{R"re((\S+) - - \[[^\]]+\] "((?:[^"\\]|\\.)*)" (\d{3}) (\d+)\n)re"};
    std::smatch match;
    ASSERT_TRUE(std::regex_match(text, match, format)) << text;
    EXPECT_EQ(unescaped(match[2]), "GET " + hostile + " HTTP/1.0");
}

TEST(AccessLineTest, JsonLineSaysWhereTheContentCameFrom)
{
    log_record record = sample();
    record.cache.hit = true;
    record.cache.ttl = std::chrono::seconds{60};
    record.cache.source = fetch_source::disk;
    const json::value object = json::parse(line(record, log_format::json));
    EXPECT_EQ(object.at("time"), "2000-10-10T13:55:36.007Z");
    EXPECT_EQ(object.at("client"), "127.0.0.1");
    EXPECT_EQ(object.at("method"), "GET");
    EXPECT_EQ(object.at("host"), "www.example.com");
    EXPECT_EQ(object.at("target"), "/apache_pb.gif");
    EXPECT_EQ(object.at("protocol"), "HTTP/1.0");
    EXPECT_EQ(object.at("status"), 200);
    EXPECT_EQ(object.at("bytes_to_client"), 2326);
    EXPECT_EQ(object.at("source"), "disk");
    EXPECT_EQ(object.at("cache_status"), "hit;ttl=60;detail=disk");
    EXPECT_EQ(object.at("duration_ms"), 1.5);
}

TEST(AccessLineTest, HostileFieldsStayInsideTheirJsonStrings)
{
    const std::string hostile = every_octet() + "\",\"status\":200}\n{";
    log_record record = sample();
    record.method = hostile;
    record.target = hostile;
    record.host = hostile;
    const std::string text = line(record, log_format::json);
    expect_one_printable_line(text);
    const json::value object = json::parse(text);
    EXPECT_EQ(object.as_object().size(), 11U);
    // Octets from 0x80 are read as the code points of the same number.
    std::string expected;
    for (const char c : hostile) {
        const auto octet = static_cast<unsigned char>(c);
        if (octet >= 0x80) {
            expected += static_cast<char>(0xC0U | octet >> 6U);
            expected += static_cast<char>(0x80U | (octet & 0x3FU));
        } else {
            expected += c;
        }
    }
    EXPECT_EQ(std::string{object.at("target").as_string()}, expected);
}

TEST(AccessLineTest, LongFieldIsCutAtTheLimitAndSaysSo)
{
    const std::string whole(longest_logged_field, 'a');
    const std::string longer = whole + "a";
    log_record record = sample();
    record.target = whole;
    EXPECT_THAT(line(record, log_format::common), testing::HasSubstr(whole + " HTTP"));
    record.target = longer;
    EXPECT_THAT(line(record, log_format::common), testing::HasSubstr(whole + "... HTTP"));
}

TEST(AccessLineTest, TimesBeforeTheEpochAndInLeapYearsAreRight)
{
    log_record record = sample();
    record.time = std::chrono::sys_days{std::chrono::year{1969} / 12 / 31} +
                  std::chrono::hours{23} + std::chrono::milliseconds{999};
    EXPECT_THAT(line(record, log_format::json), testing::HasSubstr("1969-12-31T23:00:00.999Z"));
    record.time = std::chrono::sys_days{std::chrono::year{2024} / 2 / 29};
    EXPECT_THAT(line(record, log_format::common), testing::HasSubstr("[29/Feb/2024:00:00:00 "));
}

}  // namespace
}  // namespace proxy
