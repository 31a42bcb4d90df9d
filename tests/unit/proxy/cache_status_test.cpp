#include "proxy/core/cache_status.hpp"

#include <gtest/gtest.h>

namespace proxy {
namespace {

std::string text(const cache_status& status)
{
    std::string out;
    append_cache_status(out, "atoll-1", status);
    return out;
}

TEST(CacheStatusTest, HitNamesItsRemainingLifeAndSource)
{
    EXPECT_EQ(text({.hit = true, .ttl = std::chrono::seconds{60}, .source = fetch_source::memory}),
        "atoll-1;hit;ttl=60;detail=memory");
}

TEST(CacheStatusTest, HitNeverCarriesWhatBelongsToAForwardedRequest)
{
    EXPECT_EQ(text({.hit = true,
                  .forward = cache::forward_reason::stale,
                  .forward_status = 200,
                  .stored = true,
                  .collapsed = true,
                  .source = fetch_source::disk}),
        "atoll-1;hit;detail=disk");
}

TEST(CacheStatusTest, ForwardedRequestSaysWhyAndWhatCameBack)
{
    EXPECT_EQ(text({.forward = cache::forward_reason::uri_miss,
                  .forward_status = 200,
                  .stored = true,
                  .collapsed = true,
                  .source = fetch_source::peer}),
        "atoll-1;fwd=uri-miss;fwd-status=200;stored;collapsed;detail=peer");
}

TEST(CacheStatusTest, StaleLifeIsNegative)
{
    EXPECT_EQ(text({.hit = true, .ttl = std::chrono::seconds{-5}}), "atoll-1;hit;ttl=-5");
}

TEST(CacheStatusTest, ReasonStandsBehindTheSource)
{
    EXPECT_EQ(text({.forward = cache::forward_reason::method,
                  .source = fetch_source::origin,
                  .detail = "invalidated"}),
        "atoll-1;fwd=method;detail=origin/invalidated");
}

TEST(CacheStatusTest, UnknownNumbersAreLeftOut)
{
    EXPECT_EQ(text({.forward = cache::forward_reason::bypass}), "atoll-1;fwd=bypass");
}

TEST(ProxyStatusTest, NamesTheErrorOfTheRegistry)
{
    std::string out;
    append_proxy_status(out, "atoll-1", "dns_error");
    EXPECT_EQ(out, "atoll-1;error=dns_error");
}

}  // namespace
}  // namespace proxy
