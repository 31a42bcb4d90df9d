#include "cache/store/memory_tier.hpp"

#include "tests/unit/cache/builders.hpp"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

namespace cache {
namespace {

using namespace std::chrono_literals;
using support::fields;
using support::stored;

constexpr std::size_t mebibyte = 1024 * 1024;

cache_key key_of(std::string_view target, std::string_view origin = {})
{
    return {"http", "a.example", 80, target, origin};
}

std::shared_ptr<memory_object> object_of(
    std::size_t body_octets, const field_section& response = {}, const field_section& request = {})
{
    auto object = std::make_shared<memory_object>();
    object->response = stored(response, request);
    object->response.body_octets = body_octets;
    object->fresh = evaluate_freshness(object->response);
    object->body =
        memory_body::make({std::make_shared<const std::string>(body_octets, 'x')}, nullptr);
    return object;
}

TEST(MemoryTierTest, FindsWhatWasAdmittedUnderThatKeyOnly)
{
    memory_tier tier{mebibyte};
    const auto object = object_of(100);
    EXPECT_EQ(tier.lookup(key_of("/a"), {}), nullptr);
    EXPECT_EQ(tier.admit(key_of("/a"), object), admission::admitted);
    EXPECT_EQ(tier.lookup(key_of("/a"), {}), object);
    EXPECT_EQ(tier.lookup(key_of("/b"), {}), nullptr);
    EXPECT_EQ(tier.lookup(key_of("/a", "https://o.example"), {}), nullptr);
    EXPECT_EQ(tier.usage().hits, 1U);
    EXPECT_EQ(tier.usage().misses, 3U);
    EXPECT_EQ(tier.usage().objects, 1U);
}

TEST(MemoryTierTest, KeepsVariantsOfAKeyAndSelectsAmongThem)
{
    memory_tier tier{mebibyte};
    const auto vary = fields({{"Vary", "Foo"}});
    const auto one = object_of(1, vary, fields({{"Foo", "1"}}));
    const auto two = object_of(2, vary, fields({{"Foo", "2"}}));
    tier.admit(key_of("/a"), one);
    tier.admit(key_of("/a"), two);
    EXPECT_EQ(tier.lookup(key_of("/a"), fields({{"Foo", "1"}})), one);
    EXPECT_EQ(tier.lookup(key_of("/a"), fields({{"Foo", "2"}})), two);
    EXPECT_EQ(tier.lookup(key_of("/a"), {}), nullptr);
}

TEST(MemoryTierTest, MostRecentVariantThatMatchesIsFound)
{
    memory_tier tier{mebibyte};
    const auto newer = object_of(1, fields({{"Vary", "Foo"}}), fields({{"Foo", "1"}}));
    newer->response.response_time += 1s;
    tier.admit(key_of("/a"), newer);
    tier.admit(key_of("/a"), object_of(2));
    EXPECT_EQ(tier.lookup(key_of("/a"), fields({{"Foo", "1"}})), newer);
}

TEST(MemoryTierTest, AdmissionReplacesTheVariantWithTheSameSelectingFields)
{
    memory_tier tier{mebibyte};
    tier.admit(key_of("/a"), object_of(1000));
    const auto newer = object_of(500);
    tier.admit(key_of("/a"), newer);
    EXPECT_EQ(tier.lookup(key_of("/a"), {}), newer);
    EXPECT_EQ(tier.usage().objects, 1U);
    EXPECT_EQ(tier.usage().evictions, 0U);
}

TEST(MemoryTierTest, ReplacementDoesNotUndoWhatCameLater)
{
    memory_tier tier{mebibyte};
    const auto first = object_of(1);
    const auto second = object_of(2);
    const auto updated = object_of(3);
    EXPECT_FALSE(tier.replace(key_of("/a"), *first, updated));
    tier.admit(key_of("/a"), first);
    tier.admit(key_of("/a"), second);
    EXPECT_FALSE(tier.replace(key_of("/a"), *first, updated));
    EXPECT_EQ(tier.lookup(key_of("/a"), {}), second);
    EXPECT_TRUE(tier.replace(key_of("/a"), *second, updated));
    EXPECT_EQ(tier.lookup(key_of("/a"), {}), updated);
    EXPECT_EQ(tier.usage().objects, 1U);
}

TEST(MemoryTierTest, EraseTakesEveryVariantAndOriginOfTheUrl)
{
    memory_tier tier{mebibyte};
    const auto vary = fields({{"Vary", "Foo"}});
    tier.admit(key_of("/a"), object_of(1, vary, fields({{"Foo", "1"}})));
    tier.admit(key_of("/a"), object_of(2, vary, fields({{"Foo", "2"}})));
    tier.admit(key_of("/a", "https://o.example"), object_of(3));
    tier.admit(key_of("/b"), object_of(4));
    tier.erase(key_of("/a"));
    tier.erase(key_of("/never"));
    EXPECT_EQ(tier.lookup(key_of("/a"), fields({{"Foo", "1"}})), nullptr);
    EXPECT_EQ(tier.lookup(key_of("/a", "https://o.example"), {}), nullptr);
    EXPECT_NE(tier.lookup(key_of("/b"), {}), nullptr);
    EXPECT_EQ(tier.usage().objects, 1U);
}

TEST(MemoryTierTest, ErasedObjectLivesOnForItsReaders)
{
    memory_tier tier{mebibyte};
    tier.admit(key_of("/a"), object_of(1000));
    const auto held = tier.lookup(key_of("/a"), {});
    tier.erase(key_of("/a"));
    EXPECT_EQ(held->body->size(), 1000U);
}

TEST(MemoryTierTest, StaysWithinItsLimitAndCountsEverything)
{
    constexpr std::size_t limit = mebibyte;
    memory_tier tier{limit};
    const std::uint64_t empty = tier.usage().octets;
    std::uint64_t counted = empty;
    for (int i = 0; i != 2000; ++i) {
        const auto object = object_of(1000, fields({{"X-Long", std::string(200, 'v')}}));
        EXPECT_GT(memory_octets(*object), 1200U);
        tier.admit(key_of("/" + std::to_string(i)), object);
        ASSERT_LE(tier.usage().octets, limit);
        ASSERT_GT(tier.usage().octets, counted == limit ? 0 : empty);
        counted = tier.usage().octets;
    }
    const memory_usage full = tier.usage();
    EXPECT_EQ(full.limit_octets, limit);
    EXPECT_EQ(full.objects + full.evictions, 2000U);
    EXPECT_GT(full.octets, limit * 9 / 10);
    for (int i = 0; i != 2000; ++i) {
        tier.erase(key_of("/" + std::to_string(i)));
    }
    EXPECT_EQ(tier.usage().octets, empty);
    EXPECT_EQ(tier.usage().objects, 0U);
}

TEST(MemoryTierTest, RefusesAnObjectThatWouldPushOutTooMuch)
{
    memory_tier tier{mebibyte};
    EXPECT_EQ(tier.max_object_octets(), mebibyte / 4);
    EXPECT_EQ(tier.admit(key_of("/a"), object_of(mebibyte / 4)), admission::too_large);
    EXPECT_EQ(tier.lookup(key_of("/a"), {}), nullptr);
    EXPECT_EQ(tier.admit(key_of("/a"), object_of(mebibyte / 4 - 4096)), admission::admitted);

    memory_tier none{0};
    EXPECT_EQ(none.admit(key_of("/a"), object_of(1)), admission::too_large);
}

TEST(MemoryTierTest, ScanDoesNotPushOutWhatIsInUse)
{
    memory_tier tier{mebibyte};
    for (int i = 0; i != 100; ++i) {
        tier.admit(key_of("/hot" + std::to_string(i)), object_of(4000));
        tier.lookup(key_of("/hot" + std::to_string(i)), {});
        tier.lookup(key_of("/hot" + std::to_string(i)), {});
    }
    for (int i = 0; i != 5000; ++i) {
        tier.admit(key_of("/scan" + std::to_string(i)), object_of(4000));
    }
    int kept = 0;
    for (int i = 0; i != 100; ++i) {
        kept += tier.lookup(key_of("/hot" + std::to_string(i)), {}) != nullptr ? 1 : 0;
    }
    EXPECT_EQ(kept, 100);
}

TEST(MemoryTierTest, ClientsCannotMakeLookupsOfAUrlLong)
{
    memory_tier tier{16 * mebibyte};
    for (int i = 0; i != 1000; ++i) {
        tier.admit(key_of("/a", "https://o" + std::to_string(i)), object_of(1));
    }
    EXPECT_EQ(tier.usage().objects, 64U);
    EXPECT_EQ(tier.lookup(key_of("/a", "https://o0"), {}), nullptr);
    EXPECT_NE(tier.lookup(key_of("/a", "https://o999"), {}), nullptr);
}

// For ThreadSanitizer: all operations at once, and every object found is whole.
TEST(MemoryTierTest, IsThreadSafe)
{
    memory_tier tier{mebibyte / 2};
    const auto work = [&tier](unsigned seed) {
        for (unsigned i = 0; i != 4000; ++i) {
            const unsigned random = (i * 2654435761U + seed * 40503U) >> 8U;
            const cache_key key = key_of("/" + std::to_string(random % 200));
            const auto found = tier.lookup(key, {});
            if (found == nullptr) {
                tier.admit(key, object_of(random % 8000));
            } else {
                EXPECT_EQ(found->body->size(), found->response.body_octets);
            }
            if (found != nullptr && random % 7 == 0) {
                tier.replace(key, *found, object_of(random % 8000));
            }
            if (random % 31 == 0) {
                tier.erase(key);
            }
            EXPECT_LE(tier.usage().octets, mebibyte / 2);
        }
    };
    std::vector<std::thread> threads;
    for (unsigned seed = 0; seed != 4; ++seed) {
        threads.emplace_back(work, seed);
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
}

TEST(MemoryTierTest, HoldsAKeyIfAnyVariantIsThere)
{
    memory_tier tier{mebibyte};
    tier.admit(key_of("/a"), object_of(1, fields({{"Vary", "Foo"}}), fields({{"Foo", "1"}})));
    EXPECT_TRUE(tier.holds(key_of("/a")));
    EXPECT_FALSE(tier.holds(key_of("/a", "https://o.example")));
    EXPECT_FALSE(tier.holds(key_of("/b")));
    tier.erase(key_of("/a"));
    EXPECT_FALSE(tier.holds(key_of("/a")));
    EXPECT_EQ(tier.usage().misses, 0U);
}

TEST(MemoryTierTest, WhatWasAskedForBeforeAnInvalidationIsNotAdmittedAfterIt)
{
    memory_tier tier{mebibyte};
    const auto object = object_of(100);
    tier.admit(key_of("/a"), object);
    tier.invalidate(key_of("/a"), support::noon);
    EXPECT_FALSE(tier.holds(key_of("/a")));
    EXPECT_EQ(tier.admit(key_of("/a", "https://o.example"), object), admission::purged);
    EXPECT_EQ(tier.admit(key_of("/b"), object), admission::admitted);
}

TEST(MemoryTierTest, PurgeRemovesWhatIsMeantOrMarksItOutdated)
{
    memory_tier tier{mebibyte};
    const auto fresh = fields({{"Cache-Control", "max-age=60"}, {"Surrogate-Key", "one"}});
    const auto object = object_of(100, fresh);
    tier.admit(key_of("/a"), object);
    tier.admit(key_of("/a", "https://o.example"), object_of(100));
    tier.admit(key_of("/b"), object_of(100, fields({{"Vary", "Foo"}})));
    EXPECT_EQ(tier.purge({purge_scope::tag, "two"}, support::noon), 0U);
    EXPECT_EQ(tier.purge({purge_scope::tag, "one", true}, support::noon), 1U);
    const auto marked = tier.lookup(key_of("/a"), {});
    ASSERT_TRUE(marked);
    EXPECT_TRUE(marked->response.outdated);
    EXPECT_FALSE(marked->fresh.is_fresh(support::noon));
    EXPECT_TRUE(object->fresh.is_fresh(support::noon));  // who reads it goes on
    EXPECT_EQ(marked->body, object->body);
    EXPECT_EQ(tier.purge({purge_scope::url, "http://a.example/a"}, support::noon), 2U);
    EXPECT_FALSE(tier.holds(key_of("/a")));
    EXPECT_TRUE(tier.holds(key_of("/b")));
    EXPECT_EQ(tier.purge({purge_scope::host, "a.example"}, support::noon), 1U);
    EXPECT_EQ(tier.usage().objects, 0U);
    // What was asked for before is not let in any more.
    EXPECT_EQ(tier.admit(key_of("/a"), object), admission::purged);
    auto later = object_of(100);
    later->response.request_time = support::noon + 1ms;
    EXPECT_EQ(tier.admit(key_of("/a"), later), admission::admitted);
}

}  // namespace
}  // namespace cache
