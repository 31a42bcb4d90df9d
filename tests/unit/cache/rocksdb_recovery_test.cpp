// How the disk tier starts on what it finds, and goes on after the disk failed it.

#include "tests/unit/cache/store_fixture.hpp"

#include <atomic>
#include <fstream>
#include <mutex>
#include <random>
#include <thread>
#include <vector>

namespace cache {
namespace {

namespace fs = std::filesystem;
using support::eventually;
using support::generated_body;
using support::get;
using support::key_of;
using support::put;

class RocksdbRecoveryTest : public support::store_fixture
{
protected:
    RocksdbRecoveryTest()
    {
        options_.write_fault = [this](const std::string&) {
            const bool used_up = writes_left_ > 0 && --writes_left_ == 0;
            return used_up || fault_ ? make_error_code(faulty_) : boost::system::error_code{};
        };
        options_.on_trouble = [this](const boost::system::error_code& reason) {
            const std::lock_guard lock{reports_mutex_};
            reports_.push_back({std::this_thread::get_id(), reason});
        };
    }

    // What the store's thread tells goes to members of ours.
    void TearDown() override { store_.reset(); }

    static constexpr int object_count = 40;
    static std::size_t size_of(int number) { return number % 2 == 0 ? 5'000 : 300'000; }

    void fill()
    {
        for (int i = 0; i != object_count; ++i) {
            ASSERT_TRUE(put(store(),
                std::to_string(i),
                generated_body(static_cast<std::uint64_t>(i), size_of(i))));
        }
    }

    // How many are found; each that is must be right.
    int found()
    {
        int sum = 0;
        for (int i = 0; i != object_count; ++i) {
            const auto body = get(store(), std::to_string(i));
            if (body) {
                EXPECT_TRUE(*body == generated_body(static_cast<std::uint64_t>(i), size_of(i)))
                    << i;
                ++sum;
            }
        }
        return sum;
    }

    std::vector<fs::path> files(const std::string& suffix) const
    {
        std::vector<fs::path> matching;
        for (const fs::directory_entry& entry : fs::directory_iterator{folder() / "db"}) {
            if (entry.path().string().ends_with(suffix)) {
                matching.push_back(entry.path());
            }
        }
        std::sort(matching.begin(), matching.end());
        return matching;
    }

    struct report
    {
        std::thread::id thread;
        boost::system::error_code reason;
    };

    std::vector<report> reports() const
    {
        const std::lock_guard lock{reports_mutex_};
        return reports_;
    }

    mutable std::mutex reports_mutex_;
    std::vector<report> reports_;
    std::atomic<bool> fault_{false};
    std::atomic<int> writes_left_{-1};  // until one fails; endless if negative
    std::atomic<store_errc> faulty_{store_errc::no_space};
};

TEST_F(RocksdbRecoveryTest, RefusesAFolderThatIsOpen)
{
    open();
    EXPECT_EQ(rocksdb_store::open(folder(), options_).error(), store_errc::locked);
}

TEST_F(RocksdbRecoveryTest, ReplacesAStoreOfAnotherVersionUnlessToldToRefuse)
{
    open();
    ASSERT_TRUE(put(store(), "a", "body"));
    store_.reset();
    std::ofstream{folder() / "FORMAT"} << "atoll store 2\n";
    options_.replace_damaged = false;
    EXPECT_EQ(rocksdb_store::open(folder(), options_).error(), store_errc::unknown_format);
    options_.replace_damaged = true;
    open();
    EXPECT_EQ(get(store(), "a").error(), store_errc::not_found);
    EXPECT_EQ(store().usage().replacements, 1U);
    open();
    EXPECT_EQ(store().usage().replacements, 0U);
}

TEST_F(RocksdbRecoveryTest, ReplacesAStoreBeyondRepairUnlessToldToRefuse)
{
    open();
    fill();
    store_.reset();
    std::ofstream{folder() / "db" / "CURRENT"} << "MANIFEST-999999\n";
    options_.replace_damaged = false;
    EXPECT_EQ(rocksdb_store::open(folder(), options_).error(), store_errc::corrupt);
    options_.replace_damaged = true;
    open();
    EXPECT_EQ(store().usage().replacements, 1U);
    ASSERT_TRUE(put(store(), "0", generated_body(0, size_of(0))));
    EXPECT_EQ(found(), 1);
}

TEST_F(RocksdbRecoveryTest, IsPassedByWhileTheDiskIsFullAndRecoversByItself)
{
    open();
    fill();
    fault_ = true;
    EXPECT_FALSE(put(store(), "x", generated_body(1, 300'000)));
    EXPECT_TRUE(store().usage().failing);
    EXPECT_TRUE(eventually([this] { return reports().size() == 1; }));
    EXPECT_EQ(store().lookup(key_of("0")).error(), store_errc::failing);
    EXPECT_EQ(store().begin().error(), store_errc::failing);
    EXPECT_EQ(store().erase(key_of("0")).error(), store_errc::failing);
    fault_ = false;
    ASSERT_TRUE(eventually([this] { return !store().usage().failing; }));
    ASSERT_TRUE(eventually([this] { return reports().size() == 2; }));
    EXPECT_EQ(reports().front().reason, store_errc::no_space);
    EXPECT_FALSE(reports().back().reason);
    EXPECT_EQ(store().usage().replacements, 0U);
    EXPECT_EQ(get(store(), "x").error(), store_errc::not_found);
    EXPECT_EQ(get(store(), "0").error(), store_errc::not_found);  // erased as it was asked to be
    EXPECT_EQ(found(), object_count - 1);
    EXPECT_TRUE(put(store(), "x", "body"));
}

// Else "used again" could be the last that is told of a store that fails.
TEST_F(RocksdbRecoveryTest, TellsOfTroubleAndItsEndInTurnsAndOnOneThread)
{
    open();
    for (int round = 1; round != 10; ++round) {
        fault_ = true;
        EXPECT_FALSE(put(store(), "x", generated_body(1, 300'000)));
        fault_ = false;
        ASSERT_TRUE(eventually([this] { return !store().usage().failing; }));
        put(store(), "x", "body").has_value();  // at once, while it is being told
    }
    ASSERT_TRUE(
        eventually([this] { return !store().usage().failing && !reports().back().reason; }));
    const std::vector<report> told = reports();
    bool failing = true;
    for (const report& one : told) {
        EXPECT_EQ(one.reason.failed(), failing);
        EXPECT_NE(one.thread, std::this_thread::get_id());
        EXPECT_EQ(one.thread, told.front().thread);
        failing = !failing;
    }
}

TEST_F(RocksdbRecoveryTest, RecoversFromAWriteThatFailsAtAnyPointWithoutLosingWhatWasStored)
{
    open();
    fill();
    const std::string body = generated_body(7, 3'000'000);  // long enough for flushes to fail, too
    for (const store_errc fault : {store_errc::no_space, store_errc::io_failure}) {
        faulty_ = fault;
        for (int writes = 1; writes < 64; writes *= 2) {
            writes_left_ = writes;
            put(store(), "y", body).has_value();
            fault_ = true;
            put(store(), "y", body).has_value();
            fault_ = false;
            writes_left_ = -1;
            ASSERT_TRUE(eventually([this] { return !store().usage().failing; }));
            ASSERT_EQ(found(), object_count) << writes;
        }
    }
    EXPECT_EQ(store().usage().replacements, 0U);
}

TEST_F(RocksdbRecoveryTest, DoesNotFindAgainWhatCouldNotBeFreshened)
{
    open();
    const object_id id = put(store(), "a", "body").value();
    fault_ = true;
    stored_response invalid = support::response_of("body");
    invalid.invalidated = true;
    EXPECT_FALSE(store().freshen(key_of("a"), id, invalid));
    fault_ = false;
    ASSERT_TRUE(eventually([this] { return !store().usage().failing; }));
    EXPECT_EQ(get(store(), "a").error(), store_errc::not_found);
}

TEST_F(RocksdbRecoveryTest, NeverServesFlippedBits)
{
    std::mt19937 random{3};
    for (const std::string suffix : {".blob", ".sst", ".log"}) {
        for (int round = 0; round != 3; ++round) {
            open();
            fill();
            store_.reset();
            for (const fs::path& path : files(suffix)) {
                std::fstream file{path, std::ios::in | std::ios::out | std::ios::binary};
                const std::uintmax_t size = fs::file_size(path);
                for (int flip = 0; flip != 3 && size != 0; ++flip) {
                    const auto at = static_cast<std::streamoff>(random() % size);
                    file.seekg(at);
                    const int octet = file.get();
                    file.seekp(at);
                    file.put(static_cast<char>(octet ^ (1 << (random() % 8))));
                }
            }
            open();
            found();
        }
    }
}

TEST_F(RocksdbRecoveryTest, NeverServesWhatIsCutOrGone)
{
    for (const std::string suffix : {".blob", ".sst", ".log"}) {
        for (const bool cut : {true, false}) {
            open();
            fill();
            open();
            fill();
            store_.reset();
            const std::vector<fs::path> present = files(suffix);
            ASSERT_FALSE(present.empty()) << suffix;
            for (std::size_t i = 0; i < present.size(); i += 2) {
                if (cut) {
                    fs::resize_file(present[i], fs::file_size(present[i]) * 2 / 3);
                } else {
                    fs::remove(present[i]);
                }
            }
            open();
            found();
            fill();
            EXPECT_EQ(found(), object_count) << suffix;
        }
    }
}

TEST_F(RocksdbRecoveryTest, DropsADamagedObjectAndCountsIt)
{
    open();
    fill();
    open();  // into files
    for (const fs::path& path : files(".blob")) {
        fs::resize_file(path, 0);
    }
    open();
    EXPECT_EQ(found(), 0);
    EXPECT_GT(store().usage().damaged_records, 0U);
    fill();
    EXPECT_EQ(found(), object_count);
}

}  // namespace
}  // namespace cache
