#include "dht/core/xaes_256_gcm.hpp"

#include <boost/assert.hpp>

#include <openssl/evp.h>

#include <algorithm>

namespace dht {
namespace {

constexpr std::size_t half_nonce = 12;

// What of OpenSSL fails only by a mistake of ours or for want of memory.
void must([[maybe_unused]] int outcome)
{
    BOOST_ASSERT(outcome == 1);
}

int length_of(std::span<const std::uint8_t> octets)
{
    return static_cast<int>(octets.size());
}

}  // namespace

void xaes_256_gcm::context_deleter::operator()(evp_cipher_ctx_st* context) const
{
    EVP_CIPHER_CTX_free(context);
}

// Steps 1 and 2 of the specification's algorithm, once for each key.
xaes_256_gcm::xaes_256_gcm(std::span<const std::uint8_t, key_octets> key)
    : block_cipher_(EVP_CIPHER_CTX_new()),
      sealing_(EVP_CIPHER_CTX_new()),
      opening_(EVP_CIPHER_CTX_new())
{
    EVP_CIPHER_CTX* const cipher = block_cipher_.get();
    must(EVP_EncryptInit_ex(cipher, EVP_aes_256_ecb(), nullptr, key.data(), nullptr));
    EVP_CIPHER_CTX_set_padding(cipher, 0);
    must(EVP_EncryptInit_ex(sealing_.get(), EVP_aes_256_gcm(), nullptr, nullptr, nullptr));
    must(EVP_DecryptInit_ex(opening_.get(), EVP_aes_256_gcm(), nullptr, nullptr, nullptr));

    const block zero{};
    block first{};
    int length = 0;
    must(EVP_EncryptUpdate(cipher, first.data(), &length, zero.data(), length_of(zero)));
    for (std::size_t i = 0; i < mask_.size(); ++i) {
        const unsigned carried = i + 1 < first.size() ? first[i + 1] >> 7 : 0;
        mask_[i] = static_cast<std::uint8_t>(unsigned{first[i]} << 1 | carried);
    }
    constexpr std::uint8_t reduction = 0b10000111;
    mask_.back() ^= first[0] >> 7 == 0 ? std::uint8_t{0} : reduction;
}

// Steps 3 to 5.
xaes_256_gcm::subkey xaes_256_gcm::subkey_for(nonce_view nonce)
{
    subkey text{0, 1, 'X', 0};
    std::copy_n(nonce.begin(), half_nonce, text.begin() + 4);
    std::copy_n(text.begin(), mask_.size(), text.begin() + mask_.size());
    text[mask_.size() + 1] = 2;
    for (std::size_t i = 0; i < text.size(); ++i) {
        text[i] ^= mask_[i % mask_.size()];
    }
    subkey out{};
    int length = 0;
    must(EVP_EncryptUpdate(block_cipher_.get(), out.data(), &length, text.data(), length_of(text)));
    return out;
}

void xaes_256_gcm::seal(
    nonce_view nonce, octets_view additional, octets_view text, std::span<std::uint8_t> out)
{
    BOOST_ASSERT(out.size() >= text.size() + tag_octets);
    const subkey key = subkey_for(nonce);
    EVP_CIPHER_CTX* const cipher = sealing_.get();
    int length = 0;
    must(EVP_EncryptInit_ex(cipher, nullptr, nullptr, key.data(), nonce.data() + half_nonce));
    must(EVP_EncryptUpdate(cipher, nullptr, &length, additional.data(), length_of(additional)));
    must(EVP_EncryptUpdate(cipher, out.data(), &length, text.data(), length_of(text)));
    std::uint8_t* const tag = out.data() + text.size();
    must(EVP_EncryptFinal_ex(cipher, tag, &length));
    must(EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_GET_TAG, tag_octets, tag));
}

bool xaes_256_gcm::open(
    nonce_view nonce, octets_view additional, octets_view sealed, std::span<std::uint8_t> out)
{
    BOOST_ASSERT(sealed.size() >= tag_octets);
    const octets_view text = sealed.first(sealed.size() - tag_octets);
    BOOST_ASSERT(out.size() >= text.size());
    block tag{};
    std::copy_n(sealed.end() - tag_octets, tag_octets, tag.begin());
    const subkey key = subkey_for(nonce);
    EVP_CIPHER_CTX* const cipher = opening_.get();
    int length = 0;
    must(EVP_DecryptInit_ex(cipher, nullptr, nullptr, key.data(), nonce.data() + half_nonce));
    must(EVP_DecryptUpdate(cipher, nullptr, &length, additional.data(), length_of(additional)));
    must(EVP_DecryptUpdate(cipher, out.data(), &length, text.data(), length_of(text)));
    must(EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_SET_TAG, tag_octets, tag.data()));
    block rest{};
    return EVP_DecryptFinal_ex(cipher, rest.data(), &length) == 1;
}

}  // namespace dht
