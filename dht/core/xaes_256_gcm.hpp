// XAES-256-GCM (c2sp.org/XAES-256-GCM): AES-256-GCM with nonces of 192 bits, which many nodes may
// draw at random under one key; the 96 bits of plain GCM would meet too soon.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

struct evp_cipher_ctx_st;

namespace dht {

// Keeps the contexts of one key, so that a datagram costs no key schedule but that of its subkey.
// Not for use by two threads.
class xaes_256_gcm
{
public:
    static constexpr std::size_t key_octets = 32;
    static constexpr std::size_t nonce_octets = 24;
    static constexpr std::size_t tag_octets = 16;

    using octets_view = std::span<const std::uint8_t>;
    using nonce_view = std::span<const std::uint8_t, nonce_octets>;

    explicit xaes_256_gcm(std::span<const std::uint8_t, key_octets> key);

    // out has room for the text and the tag.
    void seal(
        nonce_view nonce, octets_view additional, octets_view text, std::span<std::uint8_t> out);

    // sealed is at least as long as a tag, out has room for the rest of it. False, and out is of no
    // use, if anything was altered.
    [[nodiscard]] bool open(
        nonce_view nonce, octets_view additional, octets_view sealed, std::span<std::uint8_t> out);

private:
    struct context_deleter
    {
        void operator()(evp_cipher_ctx_st* context) const;
    };
    using context = std::unique_ptr<evp_cipher_ctx_st, context_deleter>;
    using block = std::array<std::uint8_t, 16>;
    using subkey = std::array<std::uint8_t, key_octets>;

    subkey subkey_for(nonce_view nonce);

    context block_cipher_;
    context sealing_;
    context opening_;
    block mask_{};  // K1 of the specification
};

}  // namespace dht
