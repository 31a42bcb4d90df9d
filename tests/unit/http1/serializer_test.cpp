#include "proxy/http1/serializer.hpp"

#include "proxy/http1/parser.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace proxy::http1 {
namespace {

TEST(SerializerTest, WritesARequestThatTheParserUnderstandsAsItWas)
{
    request_head written;
    written.fields.add("Host", "a:81");
    written.fields.add("X", "");
    written.fields.add("x", "b  c");
    std::string out;
    append_request_line(out, "M-SEARCH", "http://a/?b");
    append_fields(out, written.fields);
    append_framing(out, body_framing::content_length, 12);
    append_end_of_head(out);

    request_head read;
    ASSERT_EQ(request_parser{}.parse(out, read).value(), out.size());
    EXPECT_EQ(read.method, "M-SEARCH");
    EXPECT_EQ(read.target, "http://a/?b");
    EXPECT_EQ(read.content_length, 12U);
    read.fields.erase("Content-Length");
    EXPECT_EQ(read.fields, written.fields);
}

TEST(SerializerTest, WritesReasonsOfItsOwn)
{
    std::string out;
    append_status_line(out, 200);
    append_status_line(out, 597);
    EXPECT_EQ(out, "HTTP/1.1 200 OK\r\nHTTP/1.1 597 \r\n");
}

TEST(SerializerTest, EveryStatusLineIsOneThatTheParserAccepts)
{
    for (unsigned status = 100; status <= 999; ++status) {
        std::string out;
        append_status_line(out, status);
        append_end_of_head(out);
        response_head head;
        const result<std::size_t> parsed =
            response_parser{}.parse(out, boost::beast::http::verb::get, head);
        if (status == 101) {
            EXPECT_EQ(parsed.error(), errc::unexpected_upgrade);
            continue;
        }
        ASSERT_TRUE(parsed) << out;
        EXPECT_EQ(head.status, status);
    }
}

TEST(SerializerTest, WritesOneFramingFieldOrNone)
{
    const auto framing = [](body_framing kind, std::uint64_t length) {
        std::string out;
        append_framing(out, kind, length);
        return out;
    };
    EXPECT_EQ(framing(body_framing::none, 5), "");
    EXPECT_EQ(framing(body_framing::until_close, 5), "");
    EXPECT_EQ(framing(body_framing::chunked, 5), "Transfer-Encoding: chunked\r\n");
    EXPECT_EQ(framing(body_framing::content_length, 0), "Content-Length: 0\r\n");
    EXPECT_EQ(framing(body_framing::content_length, std::numeric_limits<std::uint64_t>::max()),
        "Content-Length: 18446744073709551615\r\n");
}

TEST(SerializerTest, WritesChunkSizesInHexadecimal)
{
    std::string out;
    append_chunk_header(out, 1);
    append_chunk_header(out, 65536);
    append_chunk_header(out, std::numeric_limits<std::uint64_t>::max());
    EXPECT_EQ(out, "1\r\n10000\r\nffffffffffffffff\r\n");
}

TEST(SerializerTest, WritesSingleFields)
{
    std::string out;
    append_field(out, "Age", "5");
    EXPECT_EQ(out, "Age: 5\r\n");
}

// Our own code alone can pass these; a release build must stop all the same.
TEST(SerializerDeathTest, RefusesToWriteWhatWouldSplitAMessage)
{
    std::string out;
    EXPECT_DEATH(append_request_line(out, "GET", "/ HTTP/1.1\r\nX: y"), "target_octet");
    EXPECT_DEATH(append_request_line(out, "GET", ""), "empty");
    EXPECT_DEATH(append_request_line(out, "G T", "/"), "is_token");
    EXPECT_DEATH(append_field(out, "X", "a\r\nY: b"), "is_field_value");
    EXPECT_DEATH(append_field(out, "X: y", "a"), "is_token");
    EXPECT_DEATH(append_chunk_header(out, 0), "octets");
    EXPECT_DEATH(append_status_line(out, 99), "status");
}

}  // namespace
}  // namespace proxy::http1
