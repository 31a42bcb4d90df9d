#include "dht/core/swarm_key.hpp"

#include "tests/sim/world/seeded_random.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace dht {
namespace {

// Identity 00 01 .. 0f, slot 3, secret 20 21 .. 3f; the text by another implementation (Python's
// base64 module).
constexpr std::string_view known =
    "atoll-swarm-1:AAECAwQFBgcICQoLDA0ODwMgISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0-Pw";

std::string hex(const auto& octets)
{
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (const std::uint8_t octet : octets) {
        text.push_back(digits[octet >> 4]);
        text.push_back(digits[octet & 0x0f]);
    }
    return text;
}

class SwarmKeyTest : public ::testing::Test
{
protected:
    sim::seeded_random random{1};
    swarm_key first = swarm_key::of_new_swarm(random);
};

TEST_F(SwarmKeyTest, OneKeyHasOneText)
{
    const result<swarm_key> read = swarm_key::parse(known);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->slot(), 3U);
    EXPECT_EQ(read->text(), known);
    EXPECT_EQ(*swarm_key::parse(first.text()), first);
    std::string other{known};
    other.back() = 'x';  // the same octets, and bits that nothing uses
    EXPECT_EQ(swarm_key::parse(other).error(), errc::bad_key_character);
}

TEST_F(SwarmKeyTest, EachFaultOfATextIsNamed)
{
    const std::string text{known};
    EXPECT_EQ(swarm_key::parse("").error(), errc::unknown_key_form);
    EXPECT_EQ(swarm_key::parse("secret").error(), errc::unknown_key_form);
    EXPECT_EQ(swarm_key::parse("atoll-swarm-2:" + text.substr(14)).error(), errc::unknown_key_form);
    EXPECT_EQ(swarm_key::parse(" " + text).error(), errc::unknown_key_form);
    EXPECT_EQ(swarm_key::parse(text + "=").error(), errc::wrong_key_length);
    EXPECT_EQ(swarm_key::parse(text.substr(0, 14)).error(), errc::wrong_key_length);
    EXPECT_EQ(swarm_key::parse(text.substr(0, text.size() - 1)).error(), errc::wrong_key_length);
    std::string wrong = text;
    wrong[20] = '+';
    EXPECT_EQ(swarm_key::parse(wrong).error(), errc::bad_key_character);
    wrong = text;
    wrong[35] = 'x';  // octet 16, the slot, is 0x13
    EXPECT_EQ(swarm_key::parse(wrong).error(), errc::bad_key_slot);
}

// Expected values by Python: hmac and hashlib, RFC 5869 written out.
TEST_F(SwarmKeyTest, DerivesByHkdf)
{
    const swarm_key key = *swarm_key::parse(known);
    EXPECT_EQ(
        hex(key.swarm_id()), "e0b33b84b723b901ca1eac99c40e54c1d2519d703b29287adc4d10b10520c141");
    EXPECT_EQ(hex(key.derive("datagram")),
        "03ae3ed727b676cf736a1d3b5b9a7e3e7d8a8cfa342276adc229612cee2ebd9a");
    EXPECT_EQ(hex(swarm_index_key(key.swarm_id(), "atoll", "http://example.com/", "br").octets()),
        "6e96c9ab0730a17966b21ca2534d4446fc2391ae");
}

TEST_F(SwarmKeyTest, TheSwarmIdOutlivesEverySecret)
{
    swarm_key key = first;
    std::set<derived_key> datagram_keys;
    for (unsigned i = 0; i < 2 * swarm_key::slot_count; ++i) {
        EXPECT_EQ(key.slot(), i % swarm_key::slot_count);
        EXPECT_EQ(key.swarm_id(), first.swarm_id());
        EXPECT_TRUE(key.is_of_same_swarm(first));
        datagram_keys.insert(key.derive("datagram"));
        key = key.next(random);
    }
    EXPECT_EQ(datagram_keys.size(), 2 * swarm_key::slot_count);
    EXPECT_NE(first.derive("datagram"), first.derive("another"));
    EXPECT_NE(swarm_key::of_new_swarm(random).swarm_id(), first.swarm_id());
}

TEST_F(SwarmKeyTest, ARingIsOfOneSwarmWithASlotForEachKey)
{
    const swarm_key second = first.next(random);
    const result<swarm_ring> ring = swarm_ring::of({second, first});
    ASSERT_TRUE(ring);
    EXPECT_EQ(ring->keys().front(), second);
    EXPECT_TRUE(swarm_ring{}.is_empty());
    EXPECT_TRUE(swarm_ring::of({})->is_empty());
    EXPECT_EQ(swarm_ring::of({first, second, first}).error(), errc::slot_taken);
    const swarm_key stranger = swarm_key::of_new_swarm(random).next(random);
    EXPECT_EQ(swarm_ring::of({first, stranger}).error(), errc::other_swarm);
}

TEST_F(SwarmKeyTest, SwarmsAndNetworksShareNoKeyOfTheIndex)
{
    const swarm_key other = swarm_key::of_new_swarm(random);
    const node_id key = swarm_index_key(first.swarm_id(), "atoll", "http://a/", "");
    EXPECT_EQ(key, swarm_index_key(first.next(random).swarm_id(), "atoll", "http://a/", ""));
    EXPECT_NE(key, swarm_index_key(other.swarm_id(), "atoll", "http://a/", ""));
    EXPECT_NE(key, swarm_index_key(first.swarm_id(), "lab", "http://a/", ""));
    EXPECT_NE(key, swarm_index_key(first.swarm_id(), "atoll", "http://a/", "br"));
    EXPECT_NE(key, index_key("atoll", "http://a/", ""));
}

}  // namespace
}  // namespace dht
