#include "proxy/http1/field_lines.hpp"

#include <gtest/gtest.h>

#include <string>

namespace proxy::http1 {
namespace {

bool accepts(const std::string& lines)
{
    cache::field_section fields;
    return parse_field_lines(lines, fields).has_value();
}

TEST(FieldLinesTest, NoLinesAreNoFields)
{
    cache::field_section fields;
    EXPECT_TRUE(parse_field_lines("", fields));
    EXPECT_TRUE(fields.empty());
}

TEST(FieldLinesTest, KeepsNamesValuesAndOrder)
{
    cache::field_section fields;
    ASSERT_TRUE(parse_field_lines("b: 1\r\nA:\t2 3\t \r\nb:\r\n", fields));
    cache::field_section expected;
    expected.add("b", "1");
    expected.add("A", "2 3");
    expected.add("b", "");
    EXPECT_EQ(fields, expected);
}

// Values are scanned in steps of eight octets: each octet at each place of a step.
TEST(FieldLinesTest, FindsAnOctetThatIsNotAllowedWhereverItStands)
{
    for (unsigned octet = 0; octet != 256; ++octet) {
        const bool allowed = octet == '\t' || (octet >= 0x20 && octet != 0x7f);
        for (std::size_t at = 0; at != 19; ++at) {
            std::string value(19, 'v');
            value[at] = static_cast<char>(octet);
            EXPECT_EQ(accepts("X:" + value + "\r\n"), allowed) << octet << " at " << at;
        }
    }
}

TEST(FieldLinesTest, FindsTheEndOfValuesOfEveryLength)
{
    for (std::size_t octets = 0; octets != 40; ++octets) {
        const std::string value(octets, '\xff');
        cache::field_section fields;
        ASSERT_TRUE(parse_field_lines("X: " + value + "\r\nY: z\r\n", fields));
        EXPECT_EQ(fields.first("X"), value);
        EXPECT_EQ(fields.first("Y"), "z");
    }
}

TEST(FieldLinesTest, NamesAreTokens)  // RFC 9110, section 5.6.2
{
    for (unsigned octet = 0; octet != 256; ++octet) {
        const std::string name = std::string{"x"} + static_cast<char>(octet) + "y";
        if (octet != ':') {
            EXPECT_EQ(accepts(name + ": a\r\n"), cache::is_token(name)) << octet;
        }
    }
}

}  // namespace
}  // namespace proxy::http1
