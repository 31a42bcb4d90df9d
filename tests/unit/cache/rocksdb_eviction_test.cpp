// How the disk tier keeps its quota.

#include "tests/unit/cache/store_fixture.hpp"

#include <atomic>
#include <thread>

namespace cache {
namespace {

using support::generated_body;
using support::get;
using support::put;

class RocksdbEvictionTest : public support::store_fixture
{
protected:
    RocksdbEvictionTest()
    {
        options_.quota_octets = 32 << 20;
        options_.room_wait = std::chrono::seconds{20};  // of a slow machine
        open();
    }

    std::uint64_t limit() const { return options_.quota_octets + options_.quota_octets / 100; }

    // Stores that many octets in bodies of that size, and looks at the disk after each.
    void fill(std::uint64_t octets, std::size_t body_octets)
    {
        for (std::uint64_t written = 0; written < octets; written += body_octets) {
            const std::string path = std::to_string(++objects_);
            const auto stored = put(store(), path, generated_body(objects_, body_octets));
            ASSERT_TRUE(stored) << stored.error().message();
            ASSERT_LE(store().usage().octets, limit());
            if (objects_ % 16 == 0) {
                ASSERT_LE(support::disk_octets(folder()), limit());
            }
        }
    }

    std::uint64_t objects_ = 0;
};

TEST_F(RocksdbEvictionTest, StaysWithinTheQuotaAndKeepsTheNewest)
{
    fill(2 * options_.quota_octets, 400'000);
    const std::string newest = std::to_string(objects_);
    EXPECT_EQ(get(store(), newest).value(), generated_body(objects_, 400'000));
    EXPECT_EQ(get(store(), "1").error(), store_errc::not_found);
    EXPECT_GT(store().usage().evicted_octets, options_.quota_octets / 2);
    EXPECT_GT(store().usage().octets, options_.quota_octets / 3);
    EXPECT_EQ(store().usage().damaged_records, 0U);
}

TEST_F(RocksdbEvictionTest, StaysWithinTheQuotaWhereAllBodiesLieInTheMetadata)
{
    fill(options_.quota_octets * 3 / 2, 12'000);
    EXPECT_EQ(get(store(), std::to_string(objects_)).value(), generated_body(objects_, 12'000));
    EXPECT_EQ(get(store(), "1").error(), store_errc::not_found);
    EXPECT_GT(store().usage().octets, options_.quota_octets / 4);
}

TEST_F(RocksdbEvictionTest, GivesWhatIsReadASecondChance)
{
    const std::string large = generated_body(1, 200'000);
    const object_id id = put(store(), "large", large).value();
    ASSERT_TRUE(put(store(), "small", "small"));
    for (int round = 0; round != 14; ++round) {
        ASSERT_EQ(get(store(), "large").value(), large) << round;
        ASSERT_EQ(get(store(), "small").value(), "small") << round;
        fill(options_.quota_octets / 8, 500'000);
    }
    // Whoever was reading it goes on, though it has another id now.
    EXPECT_EQ(store().read_chunk(id, 1).value(), large.substr(body_chunk_octets));
    EXPECT_NE(store().lookup(support::key_of("large"))->front().id, id);
}

TEST_F(RocksdbEvictionTest, StaysWithinTheQuotaWithManyWritersAndAfterReopening)
{
    for (int round = 0; round != 2; ++round) {
        std::vector<std::thread> writers;
        for (int writer = 0; writer != 4; ++writer) {
            writers.emplace_back([this, writer] {
                const std::string body = generated_body(1, 1'000'000);
                for (int i = 0; i != 20; ++i) {
                    put(store(), std::to_string(writer) + "/" + std::to_string(i), body)
                        .has_value();
                    EXPECT_LE(support::disk_octets(folder()), limit());
                }
            });
        }
        for (std::thread& writer : writers) {
            writer.join();
        }
        open();
        EXPECT_LE(support::disk_octets(folder()), limit());
    }
}

TEST_F(RocksdbEvictionTest, EvictsAnObjectThatIsBeingWrittenRatherThanPassTheQuota)
{
    const std::string chunk(body_chunk_octets, 'x');
    const object_id slow = store().begin().value();
    ASSERT_TRUE(store().append(slow, 0, chunk));
    fill(2 * options_.quota_octets, 400'000);
    EXPECT_EQ(store().append(slow, 1, chunk).error(), store_errc::over_quota);
    store().abort(slow);
}

}  // namespace
}  // namespace cache
