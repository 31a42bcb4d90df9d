#include "cache/store/past_purges.hpp"

#include "tests/unit/cache/builders.hpp"

#include <gtest/gtest.h>

#include <string>

namespace cache {
namespace {

using namespace std::chrono_literals;
using support::fields;
using support::noon;

TEST(PastPurgesTest, CoverWhatWasAskedForBefore)
{
    past_purges purges;
    EXPECT_FALSE(purges.cover("http://a.example/", {}, noon - 1h));
    purges.add({purge_scope::host, "a.example"}, noon);
    purges.add({purge_scope::tag, "one", true}, noon + 1s);
    EXPECT_TRUE(purges.cover("http://a.example/", {}, noon - 1ms));
    EXPECT_TRUE(purges.cover("http://a.example/", {}, noon));
    EXPECT_FALSE(purges.cover("http://a.example/", {}, noon + 1ms));
    EXPECT_FALSE(purges.cover("http://b.example/", {}, noon));
    EXPECT_TRUE(purges.cover("http://b.example/", fields({{"Cache-Tag", "one"}}), noon + 1s));
}

TEST(PastPurgesTest, OldestIsForgotten)
{
    past_purges purges;
    for (std::size_t i = 0; i != past_purges::most; ++i) {
        purges.add({purge_scope::tag, std::to_string(i)}, noon);
    }
    EXPECT_TRUE(purges.cover("", fields({{"Cache-Tag", "0"}}), noon));
    purges.add({purge_scope::tag, "more"}, noon);
    EXPECT_FALSE(purges.cover("", fields({{"Cache-Tag", "0"}}), noon));
    EXPECT_TRUE(purges.cover("", fields({{"Cache-Tag", "1"}}), noon));
}

TEST(PastPurgesTest, UrlsAreLookedUpAndTheOldestIsForgotten)
{
    past_purges purges;
    const auto url = [](std::size_t i) { return "http://a.example/" + std::to_string(i); };
    for (std::size_t i = 0; i != past_purges::most_urls; ++i) {
        purges.add({purge_scope::url, url(i)}, noon);
    }
    purges.add({purge_scope::url, url(7)}, noon + 1s);
    EXPECT_TRUE(purges.cover(url(0), {}, noon));
    EXPECT_TRUE(purges.cover(url(7), {}, noon + 1s));
    EXPECT_FALSE(purges.cover(url(8), {}, noon + 1s));
    purges.add({purge_scope::url, "http://b.example/"}, noon);
    EXPECT_FALSE(purges.cover(url(0), {}, noon));
    EXPECT_TRUE(purges.cover(url(1), {}, noon));
}

}  // namespace
}  // namespace cache
