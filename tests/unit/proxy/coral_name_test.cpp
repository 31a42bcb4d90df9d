#include "proxy/core/coral_name.hpp"

#include <gtest/gtest.h>

namespace proxy {
namespace {

TEST(CoralNameTest, NameAloneIsHttpOnItsDefaultPort)
{
    EXPECT_EQ(parse_coral_name("www.example.com"), (coral_origin{"http", "www.example.com", 80}));
    EXPECT_EQ(parse_coral_name("localhost"), (coral_origin{"http", "localhost", 80}));
}

TEST(CoralNameTest, NumberAtTheEndIsAPort)
{
    EXPECT_EQ(parse_coral_name("example.com.8080"), (coral_origin{"http", "example.com", 8080}));
    EXPECT_EQ(parse_coral_name("example.com.65535"), (coral_origin{"http", "example.com", 65535}));
    EXPECT_EQ(parse_coral_name("localhost.3000"), (coral_origin{"http", "localhost", 3000}));
}

TEST(CoralNameTest, Port443IsHttps)
{
    EXPECT_EQ(parse_coral_name("example.com.443"), (coral_origin{"https", "example.com", 443}));
    EXPECT_EQ(parse_coral_name("192.0.2.1.443"), (coral_origin{"https", "192.0.2.1", 443}));
}

TEST(CoralNameTest, FourNumbersAreAnAddressAndTheFifthItsPort)
{
    EXPECT_EQ(parse_coral_name("192.0.2.1"), (coral_origin{"http", "192.0.2.1", 80}));
    EXPECT_EQ(parse_coral_name("127.0.0.1.8000"), (coral_origin{"http", "127.0.0.1", 8000}));
}

TEST(CoralNameTest, RefusesEverythingElse)
{
    for (const std::string_view name : {"",
             "80",
             "1.2",
             "1.2.3",
             "1.2.3.4.5.6",
             "256.0.0.1",
             "1.2.3.256",
             "01.2.3.4",
             "1.2.3.4.0",
             "1.2.3.4.65536",
             "example.com.0",
             "example.com.080",
             "example.com.65536",
             "example.com.4294967376",
             "example.com.80.80",
             "example..80",
             ".80",
             "example.com.",
             ".example.com",
             "-a.example",
             "[::1]",
             "0x7f.1",
             "a_b.0x50"}) {
        EXPECT_FALSE(parse_coral_name(name)) << name;
    }
}

TEST(CoralNameTest, WritesTheNameThatItReads)
{
    for (const coral_origin& from : {coral_origin{"http", "example.com", 80},
             coral_origin{"http", "example.com", 8080},
             coral_origin{"https", "example.com", 443},
             coral_origin{"http", "192.0.2.1", 80},
             coral_origin{"http", "192.0.2.1", 81}}) {
        const std::optional<std::string> name = coral_name(from);
        ASSERT_TRUE(name);
        EXPECT_EQ(parse_coral_name(*name), from);
    }
}

TEST(CoralNameTest, HasNoNameForOriginsThatItCanNotSay)
{
    EXPECT_FALSE(coral_name({"https", "example.com", 8443}));
    EXPECT_FALSE(coral_name({"https", "example.com", 80}));
    EXPECT_FALSE(coral_name({"http", "example.com", 443}));
    EXPECT_FALSE(coral_name({"http", "[::1]", 80}));
    EXPECT_FALSE(coral_name({"http", "[::1]", 81}));
    EXPECT_FALSE(coral_name({"ftp", "example.com", 80}));
}

TEST(CoralNameTest, SuffixIsWholeLabels)
{
    EXPECT_EQ(name_before_suffix("a.b.coral.example", "coral.example"), "a.b");
    EXPECT_FALSE(name_before_suffix("acoral.example", "coral.example"));
    EXPECT_FALSE(name_before_suffix("coral.example", "coral.example"));
    EXPECT_FALSE(name_before_suffix(".coral.example", "coral.example"));
    EXPECT_FALSE(name_before_suffix("a.example", ""));
}

}  // namespace
}  // namespace proxy
