// The primary key under which responses are stored (RFC 9111, section 2).

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace cache {

// Sets the secret under which keys are hashed. Call it once at start-up with random octets, before
// the first key is made and while there is one thread; keys made before do not meet keys made
// after.
void set_hash_secret(const std::array<std::uint8_t, 16>& octets);

// Key exactly what is forwarded, forward exactly what is keyed: "http://host:port/path?query" with
// scheme and host in lower case, the port left out where it is the scheme's default, path and query
// octet for octet as they go to the origin. Only GET has a key; a HEAD is answered from the GET's.
// There is no default key.
class cache_key
{
public:
    // host is in lower case and target begins with '/': the caller (proxy/core/target) has
    // validated both. origin_field is the request's Origin, "" if it had none: answers to
    // cross-origin requests may differ.
    cache_key(std::string_view scheme,
        std::string_view host,
        std::uint16_t port,
        std::string_view target,
        std::string_view origin_field = {});

    // The key of something that is kept beside the responses of this key and goes with its URL. No
    // request has such a key.
    cache_key beside(std::string_view what) const;

    // Unique text form; what is hashed for the index and what is stored on disk.
    const std::string& text() const { return text_; }

    // The URL part of text(), without the Origin.
    std::string_view url() const { return std::string_view{text_}.substr(0, url_octets_); }

    // Hash for tables in memory. Keyed with a secret of this process, so that nobody can aim for
    // collisions.
    std::size_t hash() const { return hash_; }

    // The same of url(): what is invalidated together lies together.
    std::size_t url_hash() const { return url_hash_; }

    friend bool operator==(const cache_key& left, const cache_key& right)
    {
        return left.text_ == right.text_;
    }

private:
    std::string text_;
    std::size_t url_octets_ = 0;
    std::size_t url_hash_ = 0;
    std::size_t hash_ = 0;
};

}  // namespace cache
