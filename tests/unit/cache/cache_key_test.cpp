#include "cache/policy/cache_key.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace cache {
namespace {

TEST(CacheKeyTest, TextIsTheUrlWithoutDefaultPort)
{
    struct
    {
        std::string_view scheme;
        std::uint16_t port;
        std::string_view text;
    } const cases[] = {
        {"http", 80, "http://a.example/p?q"},
        {"https", 443, "https://a.example/p?q"},
        {"http", 443, "http://a.example:443/p?q"},
        {"https", 80, "https://a.example:80/p?q"},
        {"http", 65535, "http://a.example:65535/p?q"},
    };
    for (const auto& c : cases) {
        const cache_key key{c.scheme, "a.example", c.port, "/p?q"};
        EXPECT_EQ(key.text(), c.text);
        EXPECT_EQ(key.url(), c.text);
        EXPECT_EQ(key.hash(), key.url_hash());
    }
}

TEST(CacheKeyTest, OriginIsPartOfTheKeyButNotOfTheUrl)
{
    const cache_key plain{"http", "a.example", 80, "/"};
    const cache_key scripted{"http", "a.example", 80, "/", "https://b.example"};
    EXPECT_FALSE(plain == scripted);
    EXPECT_NE(plain.hash(), scripted.hash());
    EXPECT_EQ(plain.url(), scripted.url());
    EXPECT_EQ(plain.url_hash(), scripted.url_hash());
    EXPECT_EQ(scripted.text(), "http://a.example/ https://b.example");
}

TEST(CacheKeyTest, PathIsKeptOctetForOctet)
{
    EXPECT_FALSE((cache_key{"http", "h", 80, "/a/../b"} == cache_key{"http", "h", 80, "/b"}));
    EXPECT_FALSE((cache_key{"http", "h", 80, "/a+b"} == cache_key{"http", "h", 80, "/a%2Bb"}));
    EXPECT_FALSE((cache_key{"http", "h", 80, "/a"} == cache_key{"http", "h", 80, "/a?"}));
}

TEST(CacheKeyTest, HashesOfAllLengthsDiffer)
{
    std::set<std::size_t> hashes;
    std::string target{"/"};
    for (int i = 0; i != 64; ++i) {
        hashes.insert(cache_key{"http", "h", 80, target}.hash());
        target += 'a';
    }
    EXPECT_EQ(hashes.size(), 64U);
}

TEST(CacheKeyTest, HashDependsOnTheSecret)
{
    const cache_key before{"http", "h", 80, "/"};
    set_hash_secret({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16});
    const cache_key after{"http", "h", 80, "/"};
    set_hash_secret({});
    EXPECT_EQ(before, after);
    EXPECT_NE(before.hash(), after.hash());
    EXPECT_EQ(before.hash(), (cache_key{"http", "h", 80, "/"}.hash()));
}

TEST(CacheKeyTest, WhatIsKeptBesideSharesTheUrlAndNothingElse)
{
    const cache_key key("http", "a.example", 80, "/");
    const cache_key other = key.beside("x");
    EXPECT_EQ(other.url(), key.url());
    EXPECT_EQ(other.url_hash(), key.url_hash());
    EXPECT_NE(other, key);
    EXPECT_NE(other.hash(), key.hash());
    EXPECT_NE(other, key.beside("y"));
    EXPECT_NE(other, cache_key("http", "a.example", 80, "/", "x"));
}

}  // namespace
}  // namespace cache
