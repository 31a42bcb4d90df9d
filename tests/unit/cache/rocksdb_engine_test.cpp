#include "cache/store/rocksdb_engine.hpp"

#include "cache/store/errc.hpp"
#include "cache/store/record_keys.hpp"
#include "tests/support/eventually.hpp"
#include "tests/unit/cache/store_fixture.hpp"

#include <atomic>
#include <fstream>
#include <memory>

namespace cache {
namespace {

using support::generated_body;

class RocksdbEngineTest : public testing::TestWithParam<engine_layout>
{
protected:
    void SetUp() override { open(); }

    void open()
    {
        engine_.reset();
        engine_options options;
        options.write_buffer_octets = 1 << 20;
        options.layout = GetParam();
        options.floor = &floor_;
        options.meter = &meter_;
        engine_ = rocksdb_engine::open(directory_.path() / "db", options).value();
    }

    void put_body(object_id id, std::size_t octets)
    {
        const std::string body = generated_body(id, octets);
        engine_batch batch;
        batch.put_view(column::body, body_key(id, 0), body, "trailer");
        ASSERT_TRUE(engine_->write(batch));
    }

    testing::AssertionResult counts_what_lies_on_disk() const
    {
        return support::agrees_with_disk([this] { return meter_.octets(); }, directory_.path());
    }

    support::temporary_directory directory_;
    std::atomic<object_id> floor_{1};
    disk_meter meter_;
    std::unique_ptr<rocksdb_engine> engine_;
};

TEST_P(RocksdbEngineTest, GivesWhatABatchWroteAlsoAfterReopening)
{
    put_body(1, 100'000);
    open();
    EXPECT_EQ(
        engine_->get(column::body, body_key(1, 0)).value(), generated_body(1, 100'000) + "trailer");
    EXPECT_EQ(engine_->get(column::metadata, body_key(1, 0)).error(), store_errc::not_found);
}

TEST_P(RocksdbEngineTest, ScansOnePrefixFromAKeyOnUpToALimit)
{
    const key_hash hash = hash_of("a");
    key_hash next = hash;
    ++next.back();
    engine_batch batch;
    for (object_id id = 1; id != 6; ++id) {
        batch.put(column::metadata, metadata_key(hash, id), std::to_string(id));
    }
    batch.put(column::metadata, metadata_key(next, 1), "other");
    batch.erase(column::metadata, metadata_key(hash, 4));
    ASSERT_TRUE(engine_->write(batch));
    const auto all = engine_->scan(column::metadata, metadata_key(hash, 2), view(hash), 10);
    ASSERT_EQ(all->size(), 3U);
    EXPECT_EQ(all->front().second, "2");
    EXPECT_EQ(all->back().second, "5");
    EXPECT_EQ(engine_->scan(column::metadata, metadata_key(hash, 0), view(hash), 2)->size(), 2U);
}

TEST_P(RocksdbEngineTest, ErasesARangeWithoutItsEnd)
{
    put_body(1, 10);
    put_body(2, 10);
    engine_batch batch;
    batch.erase_range(column::body, body_key(1, 0), body_key(2, 0));
    ASSERT_TRUE(engine_->write(batch));
    EXPECT_FALSE(engine_->get(column::body, body_key(1, 0)));
    EXPECT_TRUE(engine_->get(column::body, body_key(2, 0)));
}

TEST_P(RocksdbEngineTest, FreesWhatIsBelowTheFloorAndKeepsTheRest)
{
    for (object_id id = 1; id != 81; ++id) {
        put_body(id, 100'000);
    }
    floor_ = 41;
    ASSERT_TRUE(engine_->reclaim(column::body, {}, body_key(41, 0)));
    EXPECT_TRUE(counts_what_lies_on_disk());
    // The engine removes files that are of no use any more on a thread of its own.
    EXPECT_TRUE(
        support::eventually([this] { return meter_.octets() - meter_.log_octets() < 5'500'000U; }));
    for (object_id id = 41; id != 81; ++id) {
        EXPECT_TRUE(engine_->get(column::body, body_key(id, 0))) << id;
    }
}

TEST_P(RocksdbEngineTest, CountsWhatLiesOnDiskToTheBlock)
{
    for (int round = 0; round != 3; ++round) {
        put_body(1, 2'000'000);
        EXPECT_TRUE(counts_what_lies_on_disk());
        open();
        EXPECT_TRUE(counts_what_lies_on_disk());
    }
}

INSTANTIATE_TEST_SUITE_P(Layouts,
    RocksdbEngineTest,
    testing::Values(engine_layout::blobs, engine_layout::levels),
    [](const auto& layout) { return layout.param == engine_layout::blobs ? "Blobs" : "Levels"; });

TEST(RocksdbEngineOpenTest, SaysThatFilesMakeNoDatabase)
{
    const support::temporary_directory directory;
    const std::filesystem::path path = directory.path() / "db";
    std::atomic<object_id> floor{1};
    disk_meter meter;
    engine_options options;
    options.floor = &floor;
    options.meter = &meter;
    ASSERT_TRUE(rocksdb_engine::open(path, options));
    std::ofstream{path / "CURRENT"} << "nonsense\n";
    EXPECT_EQ(rocksdb_engine::open(path, options).error(), store_errc::corrupt);
}

}  // namespace
}  // namespace cache
