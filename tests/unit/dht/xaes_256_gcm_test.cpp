// The vectors are those of the specification (c2sp.org/XAES-256-GCM).

#include "dht/core/xaes_256_gcm.hpp"

#include <openssl/evp.h>

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace dht {
namespace {

using octets = std::vector<std::uint8_t>;

octets octets_of(std::string_view text)
{
    return {text.begin(), text.end()};
}

std::string hex(const octets& text)
{
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    for (const std::uint8_t octet : text) {
        out.push_back(digits[octet >> 4]);
        out.push_back(digits[octet & 0x0f]);
    }
    return out;
}

struct sealing
{
    octets key;
    octets nonce;
    octets additional;
    octets text;

    octets sealed() const
    {
        xaes_256_gcm cipher{std::span<const std::uint8_t>{key}.first<32>()};
        octets out(text.size() + xaes_256_gcm::tag_octets);
        cipher.seal(std::span<const std::uint8_t>{nonce}.first<24>(), additional, text, out);
        return out;
    }

    bool opens(const octets& from) const
    {
        xaes_256_gcm cipher{std::span<const std::uint8_t>{key}.first<32>()};
        octets out(from.size() - xaes_256_gcm::tag_octets);
        return cipher.open(
                   std::span<const std::uint8_t>{nonce}.first<24>(), additional, from, out) &&
               out == text;
    }
};

TEST(Xaes256GcmTest, SealsAsTheTwoVectorsOfTheSpecification)
{
    // The two differ in the first bit of L, by which the mask is reduced or not.
    const sealing plain{
        octets(32, 1), octets_of("ABCDEFGHIJKLMNOPQRSTUVWX"), {}, octets_of("XAES-256-GCM")};
    EXPECT_EQ(hex(plain.sealed()), "ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271");
    const sealing reduced{octets(32, 3),
        octets_of("ABCDEFGHIJKLMNOPQRSTUVWX"),
        octets_of("c2sp.org/XAES-256-GCM"),
        octets_of("XAES-256-GCM")};
    EXPECT_EQ(hex(reduced.sealed()), "986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d");
}

octets shake_128(const octets& input, std::size_t wanted)
{
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{
        EVP_MD_CTX_new(), &EVP_MD_CTX_free};
    octets out(wanted);
    EXPECT_EQ(EVP_DigestInit_ex(context.get(), EVP_shake128(), nullptr), 1);
    EXPECT_EQ(EVP_DigestUpdate(context.get(), input.data(), input.size()), 1);
    EXPECT_EQ(EVP_DigestFinalXOF(context.get(), out.data(), out.size()), 1);
    return out;
}

TEST(Xaes256GcmTest, TenThousandRandomCasesHaveTheHashOfTheSpecification)
{
    const octets stream = shake_128({}, 10'000 * (32 + 24 + 2 * 256));
    auto next = stream.begin();
    const auto take = [&](std::size_t count) {
        octets out(next, next + static_cast<long>(count));
        next += static_cast<long>(count);
        return out;
    };
    octets all;
    for (int i = 0; i < 10'000; ++i) {
        sealing one;
        one.key = take(32);
        one.nonce = take(24);
        one.text = take(take(1).front());
        one.additional = take(take(1).front());
        const octets sealed = one.sealed();
        ASSERT_TRUE(one.opens(sealed)) << i;
        all.insert(all.end(), sealed.begin(), sealed.end());
    }
    EXPECT_EQ(hex(shake_128(all, 32)),
        "e6b9edf2df6cec60c8cbd864e2211b597fb69a529160cd040d56c0c210081939");
}

TEST(Xaes256GcmTest, AnyBitThatIsAlteredIsNoticed)
{
    const sealing one{octets(32, 7), octets(24, 9), octets_of("aad"), octets_of("twelve octets")};
    const octets sealed = one.sealed();
    EXPECT_TRUE(one.opens(sealed));
    for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
        octets altered = sealed;
        altered[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
        EXPECT_FALSE(one.opens(altered)) << bit;
    }
    for (const auto part : {&sealing::key, &sealing::nonce, &sealing::additional}) {
        for (std::size_t octet = 0; octet < (one.*part).size(); ++octet) {
            sealing other = one;
            (other.*part)[octet] ^= 0x80;
            EXPECT_FALSE(other.opens(sealed)) << octet;
        }
    }
}

}  // namespace
}  // namespace dht
