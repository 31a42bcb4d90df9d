#include "dht/core/message.hpp"

#include <gtest/gtest.h>

namespace dht {
namespace {

TEST(MessageTest, TagIsTheBeginningOfTheDigestOfTheName)
{
    const network_tag expected = {0xa9, 0x99, 0x3e, 0x36, 0x47, 0x06, 0x81, 0x6a};
    EXPECT_EQ(tag_of("abc"), expected);
    EXPECT_NE(tag_of("abc"), tag_of("abd"));
}

}  // namespace
}  // namespace dht
