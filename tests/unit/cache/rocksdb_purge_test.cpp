// rocksdb_purge.cpp: what an operator takes out of use.

#include "cache/store/rocksdb_store.hpp"
#include "tests/unit/cache/store_fixture.hpp"

#include <gtest/gtest.h>

#include <string>

namespace cache {
namespace {

using support::key_of;
using support::put;
using support::response_of;

// The responses of this fixture are asked for a little before.
const wall_time purged_at = response_of("").request_time + std::chrono::seconds{1};

class RocksdbPurgeTest : public support::store_fixture
{
protected:
    void SetUp() override { open(); }

    void put_tagged(std::string_view path, std::string_view tag, std::string_view body)
    {
        const auto id = store().begin();
        ASSERT_TRUE(id);
        ASSERT_TRUE(support::append_all(store(), *id, body));
        stored_response response = response_of(body);
        response.fields.add("Surrogate-Key", tag);
        ASSERT_TRUE(store().commit(key_of(path), *id, response));
    }

    std::size_t found(std::string_view path) { return store().lookup(key_of(path))->size(); }
};

TEST_F(RocksdbPurgeTest, TakesAwayWhatIsMeantAndNothingElse)
{
    const std::string large(3 * body_chunk_octets, 'x');
    put_tagged("a", "one", "small");
    put_tagged("b", "one two", large);
    put_tagged("c", "two", "small");
    const auto purged = store().purge({purge_scope::tag, "one"}, purged_at);
    ASSERT_TRUE(purged);
    EXPECT_EQ(*purged, 2U);
    EXPECT_EQ(found("a"), 0U);
    EXPECT_EQ(found("b"), 0U);
    EXPECT_EQ(found("c"), 1U);
    EXPECT_EQ(*store().purge({purge_scope::url, "http://example.com/c"}, purged_at), 1U);
    EXPECT_EQ(found("c"), 0U);
    EXPECT_EQ(*store().purge({purge_scope::host, "example.com"}, purged_at), 0U);
    EXPECT_EQ(store().usage().objects, 0U);
}

TEST_F(RocksdbPurgeTest, SoftOneKeepsTheBodyAndSurvivesARestart)
{
    put_tagged("a", "one", "small");
    EXPECT_EQ(*store().purge({purge_scope::host, "example.com", true}, purged_at), 1U);
    open();
    const auto kept = store().lookup(key_of("a"));
    ASSERT_EQ(kept->size(), 1U);
    EXPECT_TRUE(kept->front().response.outdated);
    EXPECT_EQ(kept->front().inline_body, "small");
}

TEST_F(RocksdbPurgeTest, WhatWasAskedForBeforeIsNotStoredAfterwards)
{
    const auto id = store().begin();
    ASSERT_TRUE(store().purge({purge_scope::host, "example.com", true}, purged_at));
    ASSERT_TRUE(support::append_all(store(), *id, "body"));
    stored_response response = response_of("body");
    EXPECT_EQ(store().commit(key_of("a"), *id, response).error(), store_errc::purged);
    store().abort(*id);
    const auto later = store().begin();
    ASSERT_TRUE(support::append_all(store(), *later, "body"));
    response.request_time = purged_at + std::chrono::milliseconds{1};
    EXPECT_TRUE(store().commit(key_of("a"), *later, response));
}

TEST_F(RocksdbPurgeTest, InvalidationKeepsOutWhatWasAskedForBefore)
{
    const auto id = store().begin();
    ASSERT_TRUE(support::append_all(store(), *id, "body"));
    ASSERT_TRUE(store().invalidate(key_of("a"), purged_at));
    EXPECT_EQ(store().commit(key_of("a"), *id, response_of("body")).error(), store_errc::purged);
    store().abort(*id);
    EXPECT_TRUE(put(store(), "b", "body"));
}

TEST_F(RocksdbPurgeTest, LooksAtMoreThanOneReadFull)
{
    for (int i = 0; i != 600; ++i) {
        ASSERT_TRUE(put(store(), std::to_string(i), "x"));
    }
    EXPECT_EQ(*store().purge({purge_scope::host, "example.com"}, purged_at), 600U);
    EXPECT_EQ(*store().purge({purge_scope::host, "example.com"}, purged_at), 0U);
    EXPECT_EQ(store().usage().objects, 0U);
}

}  // namespace
}  // namespace cache
