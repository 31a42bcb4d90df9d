#include "cache/store/crc32c.hpp"

#include <gtest/gtest.h>

#include <string>

namespace cache {
namespace {

TEST(Crc32cTest, GivesTheTestVectorsOfRfc3720)
{
    std::string rising(32, '\0');
    for (std::size_t i = 0; i != rising.size(); ++i) {
        rising[i] = static_cast<char>(i);
    }
    EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8a9136aaU);
    EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62a8ab43U);
    EXPECT_EQ(crc32c(rising), 0x46dd794eU);
    EXPECT_EQ(crc32c("123456789"), 0xe3069283U);
    EXPECT_EQ(crc32c(""), 0U);
}

TEST(Crc32cTest, IsTheSameWithAndWithoutTheInstructionAtEveryLength)
{
    std::string octets;
    for (unsigned i = 0; i != 100; ++i) {
        EXPECT_EQ(crc32c(octets), crc32c_portable(octets)) << i;
        octets.push_back(static_cast<char>(i * 37));
    }
}

TEST(Crc32cTest, GoesOnFromWhatWasChecksummedBefore)
{
    EXPECT_EQ(crc32c("56789", crc32c("1234")), crc32c("123456789"));
    EXPECT_EQ(crc32c_portable("56789", crc32c_portable("1234")), crc32c("123456789"));
}

}  // namespace
}  // namespace cache
