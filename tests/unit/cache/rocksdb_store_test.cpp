#include "cache/store/rocksdb_store.hpp"

#include "tests/unit/cache/store_fixture.hpp"

#include <array>

namespace cache {
namespace {

using boost::system::result;
using support::generated_body;
using support::get;
using support::key_of;
using support::put;
using support::response_of;

class RocksdbStoreTest : public support::store_fixture
{
protected:
    RocksdbStoreTest() { open(); }
};

TEST_F(RocksdbStoreTest, ReturnsBodiesOfEverySizeAroundItsLimits)
{
    const std::array<std::size_t, 10> sizes{0,
        1,
        max_inline_body_octets - 1,
        max_inline_body_octets,
        max_inline_body_octets + 1,
        body_chunk_octets - 1,
        body_chunk_octets,
        body_chunk_octets + 1,
        3 * body_chunk_octets,
        5 * body_chunk_octets + 17};
    for (const bool reopened : {false, true}) {
        for (const std::size_t size : sizes) {
            const std::string body = generated_body(size, size);
            const std::string path = std::to_string(size);
            if (!reopened) {
                ASSERT_TRUE(put(store(), path, body));
            }
            const auto found = store().lookup(key_of(path));
            ASSERT_TRUE(found);
            ASSERT_EQ(found->size(), 1U) << size;
            EXPECT_EQ(found->front().response, response_of(body));
            EXPECT_EQ(found->front().inline_body.has_value(), size <= max_inline_body_octets);
            EXPECT_EQ(support::read_body(store(), found->front()).value(), body);
        }
        open();
    }
}

TEST_F(RocksdbStoreTest, FindsNothingUnderAnotherKey)
{
    ASSERT_TRUE(put(store(), "a", "body"));
    const auto found = store().lookup(key_of("b"));
    ASSERT_TRUE(found);
    EXPECT_TRUE(found->empty());
}

TEST_F(RocksdbStoreTest, KeepsVariantsApartAndReplacesTheOneWithEqualSelectingFields)
{
    ASSERT_TRUE(put(store(), "a", "hello", "en"));
    ASSERT_TRUE(put(store(), "a", "hallo", "de"));
    ASSERT_TRUE(put(store(), "a", "howdy", "en"));
    const auto found = store().lookup(key_of("a"));
    ASSERT_TRUE(found);
    ASSERT_EQ(found->size(), 2U);
    EXPECT_EQ((*found)[0].inline_body, "howdy");
    EXPECT_EQ((*found)[1].inline_body, "hallo");
    EXPECT_EQ(store().usage().objects, 2U);
}

TEST_F(RocksdbStoreTest, DropsTheOldestOfTooManyVariants)
{
    for (int language = 0; language != 40; ++language) {
        ASSERT_TRUE(put(store(), "a", "body", std::to_string(language)));
    }
    const auto found = store().lookup(key_of("a"));
    ASSERT_TRUE(found);
    ASSERT_EQ(found->size(), 32U);
    EXPECT_EQ(found->back().response, response_of("body", "8"));
}

TEST_F(RocksdbStoreTest, ReadsWhatIsReplacedOrErasedUntilItIsEvicted)
{
    const std::string body = generated_body(1, 200'000);
    const object_id id = put(store(), "a", body).value();
    ASSERT_TRUE(put(store(), "a", generated_body(2, 200'000)));
    ASSERT_TRUE(store().erase(key_of("a")));
    EXPECT_EQ(store().read_chunk(id, 1).value(), body.substr(body_chunk_octets));
}

TEST_F(RocksdbStoreTest, DoesNotFindWhatIsNotCommittedButReadsIt)
{
    const std::string body = generated_body(1, body_chunk_octets + 5);
    const object_id id = store().begin().value();
    ASSERT_TRUE(support::append_all(store(), id, body));
    EXPECT_TRUE(store().lookup(key_of("a"))->empty());
    EXPECT_EQ(store().read_chunk(id, 0).value(), body.substr(0, body_chunk_octets));
    EXPECT_EQ(store().read_chunk(id, 1).value(), body.substr(body_chunk_octets));
    EXPECT_EQ(store().read_chunk(id, 2).error(), store_errc::not_found);

    const object_id small = store().begin().value();
    ASSERT_TRUE(support::append_all(store(), small, "small"));
    EXPECT_EQ(store().read_chunk(small, 0).value(), "small");
}

TEST_F(RocksdbStoreTest, LeavesNothingOfWhatIsAborted)
{
    const std::string body = generated_body(1, 300'000);
    const object_id id = store().begin().value();
    ASSERT_TRUE(support::append_all(store(), id, body));
    store().abort(id);
    EXPECT_EQ(store().read_chunk(id, 0).error(), store_errc::not_found);
    EXPECT_EQ(store().commit(key_of("a"), id, response_of(body)).error(), store_errc::not_found);
    EXPECT_EQ(store().append(id, 3, std::array<char, 1>{}).error(), store_errc::not_found);
}

TEST_F(RocksdbStoreTest, RemovesAtItsStartWhatWasNotCommitted)
{
    const std::string body = generated_body(1, 300'000);
    const object_id id = store().begin().value();
    ASSERT_TRUE(support::append_all(store(), id, body));
    open();
    EXPECT_EQ(store().read_chunk(id, 0).error(), store_errc::not_found);
}

TEST_F(RocksdbStoreTest, NeverGivesAnIdTwice)
{
    const object_id before = store().begin().value();
    open();
    EXPECT_GT(store().begin().value(), before);
}

TEST_F(RocksdbStoreTest, RefusesToCommitABodyOfAnotherLength)
{
    const std::string body = generated_body(1, 300'000);
    const object_id id = store().begin().value();
    ASSERT_TRUE(support::append_all(store(), id, body));
    stored_response longer = response_of(body);
    ++longer.body_octets;
    EXPECT_EQ(store().commit(key_of("a"), id, longer).error(), store_errc::wrong_length);
    store().abort(id);
    EXPECT_TRUE(store().lookup(key_of("a"))->empty());
}

TEST_F(RocksdbStoreTest, FreshensTheHeadAndKeepsTheBody)
{
    for (const std::size_t size : {std::size_t{10}, std::size_t{200'000}}) {
        const std::string body = generated_body(size, size);
        const std::string path = std::to_string(size);
        const object_id id = put(store(), path, body).value();
        stored_response fresh = response_of(body);
        fresh.fields.set("ETag", "\"2\"");
        fresh.invalidated = true;
        ASSERT_TRUE(store().freshen(key_of(path), id, fresh));
        const auto found = store().lookup(key_of(path));
        ASSERT_EQ(found->size(), 1U);
        EXPECT_EQ(found->front().response, fresh);
        EXPECT_EQ(support::read_body(store(), found->front()).value(), body);
    }
}

TEST_F(RocksdbStoreTest, DoesNotFreshenWhatIsErased)
{
    const object_id id = put(store(), "a", "body").value();
    ASSERT_TRUE(store().erase(key_of("a")));
    EXPECT_EQ(store().freshen(key_of("a"), id, response_of("body")).error(), store_errc::not_found);
    EXPECT_TRUE(store().lookup(key_of("a"))->empty());
}

TEST_F(RocksdbStoreTest, ErasesEveryVariantOfTheKeyAndNoOther)
{
    ASSERT_TRUE(put(store(), "a", "hello", "en"));
    ASSERT_TRUE(put(store(), "a", "hallo", "de"));
    ASSERT_TRUE(put(store(), "b", "other"));
    ASSERT_TRUE(store().erase(key_of("a")));
    EXPECT_TRUE(store().lookup(key_of("a"))->empty());
    EXPECT_EQ(get(store(), "b").value(), "other");
}

TEST_F(RocksdbStoreTest, RefusesABodyThatWouldFillHalfTheQuota)
{
    const std::string chunk(body_chunk_octets, 'x');
    const object_id id = store().begin().value();
    result<void> appended;
    std::uint64_t index = 0;
    for (; appended && index != 1024; ++index) {
        appended = store().append(id, index, chunk);
    }
    ASSERT_FALSE(appended);
    EXPECT_EQ(appended.error(), store_errc::object_too_large);
    EXPECT_EQ((index - 1) * body_chunk_octets, options_.quota_octets / 2);
}

TEST_F(RocksdbStoreTest, QuotaIsNeverMoreThanTheDiskHas)
{
    options_.quota_octets = std::uint64_t{1} << 60;
    open();
    EXPECT_LE(store().usage().limit_octets, std::filesystem::space(directory_.path()).capacity);
    EXPECT_TRUE(put(store(), "a", generated_body(1, 3'000'000)));
    EXPECT_EQ(get(store(), "a").value(), generated_body(1, 3'000'000));
}

TEST_F(RocksdbStoreTest, SaysWhatLiesOnDisk)
{
    ASSERT_TRUE(put(store(), "a", generated_body(1, 3'000'000)));
    const store_usage usage = store().usage();
    EXPECT_EQ(usage.objects, 1U);
    EXPECT_EQ(usage.limit_octets, options_.quota_octets);
    EXPECT_GE(usage.octets, 3'000'000U);
    EXPECT_TRUE(support::agrees_with_disk(
        [this] { return store().usage().octets; }, folder(), std::uint64_t{64} << 10));
}

}  // namespace
}  // namespace cache
