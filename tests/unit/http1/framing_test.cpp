#include "proxy/http1/framing.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace proxy::http1 {
namespace {

using lines = std::vector<std::pair<std::string, std::string>>;

result<framing_fields> read(const lines& wanted, unsigned minor_version = 1)
{
    cache::field_section fields;
    for (const auto& [name, value] : wanted) {
        fields.add(name, value);
    }
    return read_framing_fields(fields, minor_version);
}

TEST(FramingTest, HasNeitherLengthNorChunksWithoutFields)
{
    const auto framing = read({{"Content-Type", "a"}});
    ASSERT_TRUE(framing);
    EXPECT_FALSE(framing->content_length);
    EXPECT_FALSE(framing->chunked);
    EXPECT_FALSE(framing->close);
    EXPECT_FALSE(framing->keep_alive);
}

TEST(FramingTest, LengthHasALimit)
{
    EXPECT_EQ(read({{"Content-Length", "9007199254740992"}})->content_length, content_length_limit);
    EXPECT_EQ(
        read({{"Content-Length", "9007199254740993"}}).error(), errc::malformed_content_length);
    EXPECT_EQ(read({{"Content-Length", std::string(40, '0') + "7"}})->content_length, 7U);
}

TEST(FramingTest, TellsAnUnknownCodingFromOneThatHidesTheEnd)  // RFC 9112, sections 6.1 and 6.3
{
    const auto error = [](const std::string& value) {
        return read({{"Transfer-Encoding", value}}).error();
    };
    EXPECT_EQ(error("gzip, chunked"), errc::unknown_transfer_coding);
    EXPECT_EQ(error("a,b,\tCHUNKED"), errc::unknown_transfer_coding);
    EXPECT_EQ(error("gzip"), errc::malformed_transfer_coding);
    EXPECT_EQ(error("gzip, chunked, chunked"), errc::malformed_transfer_coding);
    EXPECT_EQ(error("chunked, gzip, chunked"), errc::malformed_transfer_coding);
    EXPECT_EQ(error("gzip,, chunked"), errc::malformed_transfer_coding);
    EXPECT_EQ(error("g zip, chunked"), errc::malformed_transfer_coding);
}

TEST(FramingTest, ReadsConnectionOptionsOfEveryLine)
{
    const auto framing = read({{"Connection", "x, Keep-Alive"}, {"connection", ",CLOSE"}});
    ASSERT_TRUE(framing);
    EXPECT_TRUE(framing->close);
    EXPECT_TRUE(framing->keep_alive);
    EXPECT_FALSE(framing->odd_connection);
    EXPECT_TRUE(read({{"Connection", "a b"}})->odd_connection);
    EXPECT_TRUE(read({{"Connection", "a b, c d, e"}})->odd_connection);
}

TEST(FramingTest, DoesNotBelieveChunksOfHttp10)  // RFC 9112, section 6.1
{
    EXPECT_EQ(read({{"Transfer-Encoding", "chunked"}}, 0).error(), errc::malformed_transfer_coding);
    EXPECT_TRUE(read({{"Transfer-Encoding", "chunked"}}, 1)->chunked);
}

}  // namespace
}  // namespace proxy::http1
