#include "proxy/http1/body_decoder.hpp"

#include "tests/unit/http1/feeding.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace proxy::http1 {
namespace {

using namespace std::string_literals;

body_decoder chunked()
{
    return {body_framing::chunked, 0};
}

decoded_body decode(std::string_view octets, body_decoder decoder = chunked())
{
    return decode_in_reads(decoder, octets, octets.size());
}

TEST(BodyDecoderTest, EmptyBodyIsFinishedFromTheStart)
{
    EXPECT_TRUE(body_decoder{}.finished());
    EXPECT_TRUE(body_decoder(body_framing::none, 5).finished());
    EXPECT_TRUE(body_decoder(body_framing::content_length, 0).finished());
    body_decoder decoder;
    EXPECT_EQ(decoder.decode("next").value().consumed, 0U);
    EXPECT_TRUE(decoder.end_of_stream());
}

TEST(BodyDecoderTest, TakesAsManyOctetsAsTheLengthSaysAndNoMore)
{
    const decoded_body body = decode("hello, next", {body_framing::content_length, 5});
    EXPECT_EQ(body.content, "hello");
    EXPECT_EQ(body.consumed, 5U);
    EXPECT_TRUE(body.finished);
}

TEST(BodyDecoderTest, BodyThatEndsBeforeItsLengthIsIncomplete)  // RFC 9112, section 8
{
    body_decoder decoder{body_framing::content_length, 5};
    ASSERT_TRUE(decoder.decode("hell"));
    EXPECT_FALSE(decoder.finished());
    EXPECT_EQ(decoder.end_of_stream().error(), errc::incomplete_message);
    ASSERT_TRUE(decoder.decode("o"));
    EXPECT_TRUE(decoder.end_of_stream());
}

TEST(BodyDecoderTest, BodyWithoutALengthEndsWithTheConnection)
{
    body_decoder decoder{body_framing::until_close, 0};
    EXPECT_EQ(decoder.decode("a\r\n").value().content, "a\r\n");
    EXPECT_FALSE(decoder.finished());
    EXPECT_TRUE(decoder.end_of_stream());
    EXPECT_TRUE(decoder.finished());
}

// RFC 9112, section 7.1.
TEST(BodyDecoderTest, JoinsChunks)
{
    const decoded_body body = decode("5\r\nhello\r\n00A\r\n, you all!\r\n000\r\n\r\nGET /");
    EXPECT_EQ(body.content, "hello, you all!");
    EXPECT_TRUE(body.finished);
    EXPECT_EQ(body.consumed, "5\r\nhello\r\n00A\r\n, you all!\r\n000\r\n\r\n"s.size());
}

TEST(BodyDecoderTest, ChunksAreIncompleteUntilTheLastLine)  // RFC 9112, section 8
{
    const std::string whole = "1\r\na\r\n0\r\nX: y\r\n\r\n";
    for (std::size_t octets = 0; octets != whole.size(); ++octets) {
        body_decoder decoder = chunked();
        const decoded_body cut = decode_in_reads(decoder, whole.substr(0, octets), 1);
        EXPECT_FALSE(cut.finished) << octets;
        std::string_view rest = std::string_view{whole}.substr(0, octets);
        while (const std::size_t taken = decoder.decode(rest).value().consumed) {
            rest.remove_prefix(taken);
        }
        EXPECT_EQ(decoder.end_of_stream().error(), errc::incomplete_message) << octets;
    }
}

TEST(BodyDecoderTest, RefusesMalformedChunks)
{
    const std::vector<std::string> bodies{"\r\n",
        "g\r\n",
        "0x5\r\nhello\r\n",
        "-5\r\n",
        "+5\r\n",
        " 5\r\nhello\r\n",
        "5 \r\nhello\r\n",
        "5\nhello\r\n",
        "\n5\r\nhello\r\n",
        "5\r\r\nhello\r\n",
        "5\rhello\r\n",
        "5\r\nhello0\r\n\r\n",
        "5\r\nhello\n0\r\n\r\n",
        "5\r\nhello\r0\r\n\r\n",
        "5\r\nhello!\r\n0\r\n\r\n",
        "5\r\nhello\r\n\r\n0\r\n\r\n",
        "5\0\r\nhello\r\n"s,
        "5,5\r\n",
        "20000000000001\r\n",     // 2^53 + 1
        "10000000000000000\r\n",  // 2^64
        "00000000000000005\r\n",  // 17 digits
        "fffffffffffffffff0\r\n"};
    for (const std::string& body : bodies) {
        EXPECT_EQ(decode(body).error, errc::malformed_chunk) << testing::PrintToString(body);
    }
}

TEST(BodyDecoderTest, AcceptsTheLargestChunkSize)
{
    EXPECT_FALSE(decode("20000000000000\r\n").error);
    EXPECT_FALSE(decode("0000000000000005\r\nhello\r\n").error);
}

// RFC 9112, section 7.1.1.
TEST(BodyDecoderTest, ReadsAndDropsChunkExtensions)
{
    for (const std::string extension : {";a",
             ";a=b",
             ";a=\"\"",
             ";a=\"x;y=z\\\"\\\\ \t\x80\"",
             "; a = b ; c",
             " ;\ta",
             ";a=\"b\";c=d"}) {
        const decoded_body body = decode("1" + extension + "\r\nx\r\n0" + extension + "\r\n\r\n");
        EXPECT_EQ(body.content, "x") << extension;
        EXPECT_TRUE(body.finished) << extension << ": " << body.error.message();
    }
}

TEST(BodyDecoderTest, RefusesMalformedChunkExtensions)
{
    const std::vector<std::string> extensions{";",
        ";;a",
        ";a=",
        ";a ",
        ";a=b ",
        ";=b",
        ";a=\"b",
        ";a=\"b\\",
        ";a=\"b\"c",
        ";a=\"\r\n\"",
        ";a=\"\n\"",
        ";a=\"\r\"",
        ";a\nb",
        ";a\rb",
        ";a=\x01",
        ";a=\"\0\""s,
        ";a=\"\\\x7f\"",
        ";\xff",
        "a;b=c d"};
    for (const std::string& extension : extensions) {
        EXPECT_EQ(decode("1" + extension + "\r\nx\r\n0\r\n\r\n").error, errc::malformed_chunk)
            << testing::PrintToString(extension);
    }
}

TEST(BodyDecoderTest, HoldsALimitOnTheExtensionsOfAChunk)
{
    const auto body = [](std::size_t octets) {
        return "1;" + std::string(octets - 1, 'a') + "\r\nx\r\n0\r\n\r\n";
    };
    EXPECT_TRUE(decode(body(256)).finished);
    EXPECT_EQ(decode(body(257)).error, errc::chunk_overhead_too_large);
    // Nor does a line without an end grow the buffer.
    EXPECT_EQ(decode("1;" + std::string(300, 'a')).error, errc::chunk_overhead_too_large);
}

// CVE-2023-39326 of Go: gigabytes on the wire for a small body.
TEST(BodyDecoderTest, HoldsALimitOnFramingThatNoContentPaysFor)
{
    const std::string chunk = "1;" + std::string(255, 'a') + "\r\nx\r\n";
    std::string body;
    for (int i = 0; i != 100; ++i) {
        body += chunk;
    }
    EXPECT_EQ(decode(body).error, errc::chunk_overhead_too_large);
    EXPECT_FALSE(decode(body.substr(0, body.size() / 2)).error);
}

TEST(BodyDecoderTest, AcceptsAnyNumberOfSmallChunks)
{
    std::string body;
    for (int i = 0; i != 100'000; ++i) {
        body += "1\r\nx\r\n";
    }
    const decoded_body decoded = decode_in_reads(chunked(), body + "0\r\n\r\n", 4096);
    EXPECT_TRUE(decoded.finished) << decoded.error.message();
    EXPECT_EQ(decoded.content.size(), 100'000U);
}

// RFC 9110, section 6.5.1.
TEST(BodyDecoderTest, DropsTrailerFields)
{
    const std::string body = "1\r\nx\r\n0\r\nHost: evil\r\nX:\r\nY: \x80 a\t\r\n\r\n";
    const decoded_body decoded = decode(body + "GET");
    EXPECT_EQ(decoded.content, "x");
    EXPECT_TRUE(decoded.finished) << decoded.error.message();
    EXPECT_EQ(decoded.consumed, body.size());
}

TEST(BodyDecoderTest, RefusesMalformedTrailerFields)
{
    const std::vector<std::string> trailers{"X\r\n",
        "X : y\r\n",
        ": y\r\n",
        " X: y\r\n",
        "X: y\r\n z\r\n",
        "X: y\n",
        "\n",
        "X: y\rz\r\n",
        "X: \0\r\n"s,
        "\r\r\n",
        "X\r: y\r\n"};
    for (const std::string& trailer : trailers) {
        EXPECT_EQ(decode("0\r\n" + trailer + "\r\n").error, errc::malformed_field_line)
            << testing::PrintToString(trailer);
    }
}

TEST(BodyDecoderTest, HoldsALimitOnTrailers)
{
    const auto body = [](std::size_t trailer_octets) {
        return "0\r\nX:" + std::string(trailer_octets - 6, 'a') + "\r\n\r\n";
    };
    EXPECT_TRUE(decode(body(8192)).finished);
    EXPECT_EQ(decode(body(8193)).error, errc::fields_too_large);
    EXPECT_EQ(decode("0\r\n" + std::string(9000, 'X')).error, errc::fields_too_large);
}

TEST(BodyDecoderTest, ErrorIsFinal)
{
    body_decoder decoder = chunked();
    ASSERT_EQ(decoder.decode("x\r\n").error(), errc::malformed_chunk);
    EXPECT_EQ(decoder.decode("0\r\n\r\n").error(), errc::malformed_chunk);
    EXPECT_EQ(decoder.end_of_stream().error(), errc::malformed_chunk);
    EXPECT_FALSE(decoder.finished());
}

TEST(BodyDecoderTest, SeesNoDifferenceBetweenReadsOfAnySize)
{
    for (const std::string& body : {"5\r\nhello\r\n3;a=\"b\"\r\nabc\r\n0\r\nX: y\r\n\r\nnext"s,
             "5\r\nhello\r\n3\nabc\r\n"s,
             "5\r\nhello\rx"s,
             "5\r\nhello\r\n0\r\nX : y\r\n\r\n"s,
             "3\r\nabc\r\n" + std::string(300, '0') + "\r\n"}) {
        const decoded_body whole = decode(body);
        for (std::size_t read_octets = 1; read_octets != body.size(); ++read_octets) {
            EXPECT_EQ(decode_in_reads(chunked(), body, read_octets), whole)
                << testing::PrintToString(body) << " in reads of " << read_octets;
        }
    }
}

TEST(BodyDecoderTest, LeavesLittleUnconsumed)
{
    const std::string body = "ffff;" + std::string(250, 'a') + "\r\n";
    body_decoder decoder = chunked();
    EXPECT_EQ(decoder.decode(body.substr(0, body.size() - 1)).value().consumed, 0U);
    EXPECT_LE(body.size(), 512U);
    EXPECT_EQ(decoder.decode(body).value().consumed, body.size());
}

}  // namespace
}  // namespace proxy::http1
