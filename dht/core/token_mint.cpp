#include "dht/core/token_mint.hpp"

#include <boost/assert.hpp>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <span>

namespace dht {
namespace {

constexpr std::size_t token_octets = 8;

std::string sign(
    std::span<const std::uint8_t> secret, const endpoint& asker, const node_id& key, admission how)
{
    std::string text = to_compact(asker);
    text.append(key.text());
    text.push_back(static_cast<char>(how));
    std::array<std::uint8_t, EVP_MAX_MD_SIZE> digest{};
    unsigned length = 0;
    const std::uint8_t* const done = HMAC(EVP_sha256(),
        secret.data(),
        static_cast<int>(secret.size()),
        reinterpret_cast<const unsigned char*>(text.data()),
        text.size(),
        digest.data(),
        &length);
    BOOST_ASSERT(done != nullptr && length >= token_octets);
    return {reinterpret_cast<const char*>(digest.data()), token_octets};
}

bool equal_in_constant_time(std::string_view left, std::string_view right)
{
    return left.size() == right.size() &&
           CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

}  // namespace

token_mint::token_mint(const config& settings, random_source& random, time_point now)
    : rotation_(settings.token_rotation), random_(random), rotate_at_(now + settings.token_rotation)
{
    random_.fill(current_);
    random_.fill(previous_);
}

std::string token_mint::make(
    const endpoint& asker, const node_id& key, admission how, time_point now)
{
    rotate(now);
    return sign(current_, asker, key, how);
}

std::optional<admission> token_mint::check(
    std::string_view token, const endpoint& asker, const node_id& key, time_point now)
{
    rotate(now);
    for (const secret* valid : {&current_, &previous_}) {
        for (const admission how : {admission::ordinary, admission::leaked}) {
            if (equal_in_constant_time(token, sign(*valid, asker, key, how))) {
                return how;
            }
        }
    }
    return std::nullopt;
}

void token_mint::rotate(time_point now)
{
    if (now < rotate_at_) {
        return;
    }
    previous_ = current_;
    if (now >= rotate_at_ + rotation_) {
        random_.fill(previous_);  // both have outlived their time
    }
    random_.fill(current_);
    rotate_at_ = now + rotation_;
}

}  // namespace dht
