#include "proxy/http1/chunk_line.hpp"

#include "proxy/http1/framing.hpp"

#include <gtest/gtest.h>

#include <string>

namespace proxy::http1 {
namespace {

TEST(ChunkLineTest, SizeIsHexadecimalInEitherCase)
{
    EXPECT_EQ(parse_chunk_line("0").value(), 0U);
    EXPECT_EQ(parse_chunk_line("aF9").value(), 0xaf9U);
    EXPECT_EQ(parse_chunk_line("00000000000000fF").value(), 255U);
    EXPECT_EQ(parse_chunk_line("20000000000000").value(), content_length_limit);
}

TEST(ChunkLineTest, RefusesSizesThatOverflow)
{
    EXPECT_EQ(parse_chunk_line("20000000000001").error(), errc::malformed_chunk);
    EXPECT_EQ(parse_chunk_line("ffffffffffffffff").error(), errc::malformed_chunk);
    EXPECT_EQ(parse_chunk_line("10000000000000005").error(), errc::malformed_chunk);
    EXPECT_EQ(parse_chunk_line(std::string(17, '0')).error(), errc::malformed_chunk);
}

TEST(ChunkLineTest, RefusesWhatIsNotASize)
{
    for (const char* line : {"", " 1", "-1", "0x1", "g", ";a", "1 ", "1,2", "1 2", "1\t"}) {
        EXPECT_EQ(parse_chunk_line(line).error(), errc::malformed_chunk) << line;
    }
}

// Each octet as the name and inside the quotes of an extension (RFC 9110, sections 5.6.2, 5.6.4).
TEST(ChunkLineTest, ExtensionsAreTokensAndQuotedStrings)
{
    for (unsigned octet = 0; octet != 256; ++octet) {
        const std::string one(1, static_cast<char>(octet));
        const bool text = octet == '\t' || (octet >= 0x20 && octet != 0x7f);
        EXPECT_EQ(parse_chunk_line("1;a" + one + "b").has_value(),
            std::string{"!#$%&'*+-.^_`|~;="}.find(one) != std::string::npos ||
                (octet < 0x80 && std::isalnum(static_cast<int>(octet)) != 0))
            << octet;
        EXPECT_EQ(parse_chunk_line("1;a=\"x" + one + "y\"").has_value(), text && one != "\"")
            << octet;
        EXPECT_EQ(parse_chunk_line("1;a=\"\\" + one + "\"").has_value(), text) << octet;
    }
}

TEST(ChunkLineTest, HoldsALimitOnExtensions)
{
    EXPECT_TRUE(parse_chunk_line("1;" + std::string(chunk_extension_octets - 1, 'a')));
    EXPECT_EQ(parse_chunk_line("1;" + std::string(chunk_extension_octets, 'a')).error(),
        errc::chunk_overhead_too_large);
}

}  // namespace
}  // namespace proxy::http1
