#include "cache/policy/cache_key.hpp"

#include <bit>
#include <cstring>

namespace cache {
namespace {

struct hash_secret
{
    std::uint64_t low = 0;
    std::uint64_t high = 0;
};

// Written once at start-up, before there is a second thread or a key; only read afterwards.
hash_secret secret;

std::uint64_t load_word(const char* octets)
{
    std::uint64_t word = 0;
    std::memcpy(&word, octets, sizeof word);
    return word;
}

// SipHash-1-3 (Aumasson and Bernstein, "SipHash: a fast short-input PRF"), the variant for hash
// tables: one round per word, three at the end. Values never leave the process, so the order of
// octets in a word does not matter.
class sip_hash
{
public:
    explicit sip_hash(const hash_secret& key)
        : v0_{key.low ^ 0x736f6d6570736575U},
          v1_{key.high ^ 0x646f72616e646f6dU},
          v2_{key.low ^ 0x6c7967656e657261U},
          v3_{key.high ^ 0x7465646279746573U}
    {
    }

    std::uint64_t operator()(std::string_view text)
    {
        const std::uint64_t last = static_cast<std::uint64_t>(text.size()) << 56U;
        while (text.size() >= sizeof(std::uint64_t)) {
            absorb(load_word(text.data()));
            text.remove_prefix(sizeof(std::uint64_t));
        }
        std::uint64_t tail = 0;
        if (!text.empty()) {
            std::memcpy(&tail, text.data(), text.size());
        }
        absorb(last ^ tail);
        v2_ ^= 0xffU;
        round();
        round();
        round();
        return v0_ ^ v1_ ^ v2_ ^ v3_;
    }

private:
    void absorb(std::uint64_t word)
    {
        v3_ ^= word;
        round();
        v0_ ^= word;
    }

    void round()
    {
        v0_ += v1_;
        v1_ = std::rotl(v1_, 13) ^ v0_;
        v0_ = std::rotl(v0_, 32);
        v2_ += v3_;
        v3_ = std::rotl(v3_, 16) ^ v2_;
        v0_ += v3_;
        v3_ = std::rotl(v3_, 21) ^ v0_;
        v2_ += v1_;
        v1_ = std::rotl(v1_, 17) ^ v2_;
        v2_ = std::rotl(v2_, 32);
    }

    std::uint64_t v0_;
    std::uint64_t v1_;
    std::uint64_t v2_;
    std::uint64_t v3_;
};

std::uint64_t keyed_hash(std::string_view text)
{
    return sip_hash{secret}(text);
}

bool is_default_port(std::string_view scheme, std::uint16_t port)
{
    return (scheme == "http" && port == 80) || (scheme == "https" && port == 443);
}

}  // namespace

void set_hash_secret(const std::array<std::uint8_t, 16>& octets)
{
    std::memcpy(&secret.low, octets.data(), sizeof secret.low);
    std::memcpy(&secret.high, octets.data() + sizeof secret.low, sizeof secret.high);
}

cache_key::cache_key(std::string_view scheme,
    std::string_view host,
    std::uint16_t port,
    std::string_view target,
    std::string_view origin_field)
{
    constexpr std::size_t port_octets = 6;
    text_.reserve(
        scheme.size() + 3 + host.size() + port_octets + target.size() + 1 + origin_field.size());
    text_.append(scheme).append("://").append(host);
    if (!is_default_port(scheme, port)) {
        text_.append(":").append(std::to_string(port));
    }
    text_.append(target);
    url_octets_ = text_.size();
    url_hash_ = keyed_hash(text_);
    hash_ = url_hash_;
    // A URL holds no space, so the two parts cannot be mistaken for each other.
    if (!origin_field.empty()) {
        text_.append(" ").append(origin_field);
        hash_ = keyed_hash(text_);
    }
}

cache_key cache_key::beside(std::string_view what) const
{
    // Neither a URL nor a field value holds a line feed.
    cache_key other = *this;
    other.text_.append("\n").append(what);
    other.hash_ = keyed_hash(other.text_);
    return other;
}

}  // namespace cache
