#include "dht/core/swarm_key.hpp"

#include <boost/assert.hpp>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <algorithm>
#include <memory>
#include <span>
#include <utility>

namespace dht {
namespace {

using octets_view = std::span<const std::uint8_t>;

constexpr std::string_view form = "atoll-swarm-1:";
constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::size_t identity_octets = 16;
constexpr std::size_t key_octets = identity_octets + 1 + 32;
constexpr std::size_t key_characters = (key_octets * 8 + 5) / 6;

using key_array = std::array<std::uint8_t, key_octets>;

std::string base64url(const key_array& octets)
{
    std::string text;
    unsigned bits = 0;
    unsigned pending = 0;
    for (const std::uint8_t octet : octets) {
        bits = bits << 8 | octet;
        for (pending += 8; pending >= 6; pending -= 6) {
            text.push_back(alphabet[bits >> (pending - 6) & 0x3f]);
        }
    }
    text.push_back(alphabet[bits << (6 - pending) & 0x3f]);
    return text;
}

result<key_array> from_base64url(std::string_view text)
{
    key_array octets{};
    auto out = octets.begin();
    unsigned bits = 0;
    unsigned pending = 0;
    for (const char character : text) {
        const std::size_t value = alphabet.find(character);
        if (value == std::string_view::npos) {
            return errc::bad_key_character;
        }
        bits = bits << 6 | static_cast<unsigned>(value);
        pending += 6;
        if (pending >= 8) {
            pending -= 8;
            *out++ = static_cast<std::uint8_t>(bits >> pending);
        }
    }
    const unsigned left_over = bits & ((1U << pending) - 1);
    if (left_over != 0) {
        return errc::bad_key_character;  // another text of the same key
    }
    return octets;
}

derived_key hkdf(octets_view input, octets_view salt, std::string_view info)
{
    const std::unique_ptr<EVP_KDF, decltype(&EVP_KDF_free)> method{
        EVP_KDF_fetch(nullptr, "HKDF", nullptr), &EVP_KDF_free};
    const std::unique_ptr<EVP_KDF_CTX, decltype(&EVP_KDF_CTX_free)> context{
        EVP_KDF_CTX_new(method.get()), &EVP_KDF_CTX_free};
    // OpenSSL takes what it only reads as not const.
    const auto part = [](const char* name, const void* data, std::size_t size) {
        return OSSL_PARAM_construct_octet_string(name, const_cast<void*>(data), size);
    };
    std::string digest = "SHA256";
    const std::array<OSSL_PARAM, 5> parameters{
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest.data(), 0),
        part(OSSL_KDF_PARAM_KEY, input.data(), input.size()),
        part(OSSL_KDF_PARAM_SALT, salt.data(), salt.size()),
        part(OSSL_KDF_PARAM_INFO, info.data(), info.size()),
        OSSL_PARAM_construct_end()};
    derived_key out{};
    const int done = EVP_KDF_derive(context.get(), out.data(), out.size(), parameters.data());
    BOOST_ASSERT(done == 1);
    return out;
}

}  // namespace

swarm_key swarm_key::of_new_swarm(random_source& random)
{
    swarm_key made;
    random.fill(made.identity_);
    random.fill(made.secret_);
    return made;
}

swarm_key swarm_key::next(random_source& random) const
{
    swarm_key made = *this;
    made.slot_ = (slot_ + 1) % slot_count;
    random.fill(made.secret_);
    return made;
}

result<swarm_key> swarm_key::parse(std::string_view text)
{
    if (!text.starts_with(form)) {
        return errc::unknown_key_form;
    }
    text.remove_prefix(form.size());
    if (text.size() != key_characters) {
        return errc::wrong_key_length;
    }
    const result<key_array> octets = from_base64url(text);
    if (!octets) {
        return octets.error();
    }
    swarm_key read;
    auto part = octets->begin();
    std::copy_n(part, identity_octets, read.identity_.begin());
    part += identity_octets;
    read.slot_ = *part++;
    std::copy(part, octets->end(), read.secret_.begin());
    if (read.slot_ >= slot_count) {
        return errc::bad_key_slot;
    }
    return read;
}

std::string swarm_key::text() const
{
    key_array octets{};
    auto out = std::copy(identity_.begin(), identity_.end(), octets.begin());
    *out++ = static_cast<std::uint8_t>(slot_);
    std::copy(secret_.begin(), secret_.end(), out);
    return std::string{form} + base64url(octets);
}

derived_key swarm_key::swarm_id() const
{
    constexpr derived_key no_salt{};  // RFC 5869, section 2.2
    return hkdf(identity_, no_salt, "atoll swarm id 1");
}

derived_key swarm_key::derive(std::string_view label) const
{
    return hkdf(secret_, identity_, "atoll " + std::string{label} + " 1");
}

result<swarm_ring> swarm_ring::of(std::vector<swarm_key> keys)
{
    for (auto later = keys.begin(); later != keys.end(); ++later) {
        for (auto earlier = keys.begin(); earlier != later; ++earlier) {
            if (!later->is_of_same_swarm(*earlier)) {
                return errc::other_swarm;
            }
            if (later->slot() == earlier->slot()) {
                return errc::slot_taken;
            }
        }
    }
    swarm_ring ring;
    ring.keys_ = std::move(keys);
    return ring;
}

node_id swarm_index_key(const derived_key& swarm_id,
    std::string_view network,
    std::string_view cache_key,
    std::string_view variant)
{
    std::string text;
    text.reserve(network.size() + cache_key.size() + variant.size() + 2);
    text.append(network).push_back('\0');
    text.append(cache_key).push_back('\0');
    text.append(variant);
    std::array<std::uint8_t, EVP_MAX_MD_SIZE> digest{};
    unsigned length = 0;
    const std::uint8_t* const done = HMAC(EVP_sha256(),
        swarm_id.data(),
        static_cast<int>(swarm_id.size()),
        reinterpret_cast<const unsigned char*>(text.data()),
        text.size(),
        digest.data(),
        &length);
    BOOST_ASSERT(done != nullptr && length >= node_id::octet_count);
    node_id::array octets{};
    std::copy_n(digest.begin(), octets.size(), octets.begin());
    return node_id{octets};
}

}  // namespace dht
