#include "cache/policy/purge.hpp"

#include "tests/unit/cache/builders.hpp"

#include <gtest/gtest.h>

namespace cache {
namespace {

using support::fields;

TEST(PurgeTest, UrlIsMeantExactly)
{
    const purge_order order{purge_scope::url, "http://a.example/b?c"};
    EXPECT_TRUE(concerns(order, "http://a.example/b?c", {}));
    EXPECT_FALSE(concerns(order, "http://a.example/b", {}));
    EXPECT_FALSE(concerns(order, "http://a.example/b?cd", {}));
    EXPECT_FALSE(concerns(order, "https://a.example/b?c", {}));
}

TEST(PurgeTest, HostIsMeantWithAnySchemeAndPortUnlessItNamesOne)
{
    struct
    {
        std::string host;
        std::string_view url;
        bool concerned;
    } const cases[] = {
        {"a.example", "http://a.example/", true},
        {"A.Example", "https://a.example/b/c", true},
        {"a.example", "http://a.example:8080/", true},
        {"a.example:8080", "http://a.example:8080/", true},
        {"a.example:8080", "http://a.example/", false},
        {"a.example", "http://b.a.example/", false},
        {"example", "http://a.example/", false},
        {"b.example", "http://a.example/?http://b.example/", false},
        {"[2001:db8::1]", "http://[2001:db8::1]/", true},
        {"[2001:db8::1]", "http://[2001:db8::1]:81/", true},
        {"[2001:db8:", "http://[2001:db8::1]/", false},
        {"", "http:///", false},
        {"1", "slice://1:0/0", true},
        {"a.example", "nonsense", false},
    };
    for (const auto& c : cases) {
        EXPECT_EQ(concerns({purge_scope::host, c.host}, c.url, {}), c.concerned)
            << c.host << " " << c.url;
    }
}

TEST(PurgeTest, TagIsAWordOfSurrogateKeyOrAMemberOfCacheTag)
{
    const auto tagged = fields({{"Surrogate-Key", "one  two"},
        {"Surrogate-Key", "three"},
        {"Cache-Tag", "four, five"},
        {"Cache-Tag", "six"}});
    for (const auto* tag : {"one", "two", "three", "four", "five", "six"}) {
        EXPECT_TRUE(concerns({purge_scope::tag, tag}, "", tagged)) << tag;
    }
    for (const auto* tag : {"", "on", "one  two", "One", "four,", "seven"}) {
        EXPECT_FALSE(concerns({purge_scope::tag, tag}, "", tagged)) << tag;
    }
    EXPECT_FALSE(concerns({purge_scope::tag, "one"}, "", fields({{"X", "one"}})));
}

}  // namespace
}  // namespace cache
