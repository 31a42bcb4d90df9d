#include "cache/store/record_keys.hpp"

#include <gtest/gtest.h>

#include <string>

namespace cache {
namespace {

TEST(RecordKeysTest, HashIsTheBeginningOfSha256)
{
    // SHA-256 of "abc" (FIPS 180-2, appendix B.1).
    EXPECT_EQ(std::string{view(hash_of("abc"))},
        "\xba\x78\x16\xbf\x8f\x01\xcf\xea\x41\x41\x40\xde\x5d\xae\x22\x23");
}

TEST(RecordKeysTest, OrderOfKeysIsOrderOfNumbers)
{
    EXPECT_LT(body_key(1, 255), body_key(1, 256));
    EXPECT_LT(body_key(1, 0xffffffff), body_key(2, 0));
    EXPECT_LT(body_key(255, 0), body_key(256, 0));
    EXPECT_LT(metadata_key(hash_of("a"), 0xff), metadata_key(hash_of("a"), 0x100));
}

TEST(RecordKeysTest, GivesTheNumbersBack)
{
    EXPECT_EQ(id_of_metadata_key(metadata_key(hash_of("a"), 77)), 77U);
    EXPECT_EQ(id_of_metadata_key("short"), std::nullopt);
    const std::string key = ledger_key(ledger_entry::writing, 5);
    EXPECT_EQ(number_of_ledger_key(ledger_entry::writing, key), 5U);
    EXPECT_EQ(number_of_ledger_key(ledger_entry::epoch, key), std::nullopt);
    EXPECT_EQ(number_of_ledger_key(ledger_entry::writing, key + "x"), std::nullopt);
    EXPECT_EQ(decode_number(encode_number(12)), 12U);
    EXPECT_EQ(decode_number("x"), std::nullopt);
    const eviction_ledger::epoch epoch{3, 4, 5, 6};
    EXPECT_EQ(decode_epoch(3, encode_epoch(epoch)), epoch);
    EXPECT_EQ(decode_epoch(3, "x"), std::nullopt);
}

}  // namespace
}  // namespace cache
