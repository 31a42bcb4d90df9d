// What an operator has declared out of date: a URL, a host, or everything with a surrogate key.

#pragma once

#include "cache/policy/field_section.hpp"
#include "cache/policy/http_date.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace cache {

enum class purge_scope : std::uint8_t
{
    url,   // in the form of cache_key::url()
    host,  // "www.example.com", of any scheme and port, or "www.example.com:8080"
    tag,   // a word of Surrogate-Key, or a member of Cache-Tag
};

struct purge_order
{
    purge_scope scope = purge_scope::url;
    std::string what;
    // Soft: what is stored is stale from now on, may still be served as such, and is validated.
    // Hard: it is gone.
    bool is_soft = false;

    friend bool operator==(const purge_order&, const purge_order&) = default;
};

// Whether the order is about a response that is stored under a key of this URL.
bool concerns(const purge_order& order, std::string_view url, const field_section& response);

}  // namespace cache
