#include "cache/store/rocksdb_file_system.hpp"

#include "cache/store/errc.hpp"
#include "tests/support/temporary_directory.hpp"

#include <gtest/gtest.h>
#include <rocksdb/file_system.h>

#include <memory>
#include <string>

namespace cache {
namespace {

class MeteredFileSystemTest : public testing::Test
{
protected:
    std::unique_ptr<rocksdb::FSWritableFile> create(const std::string& path)
    {
        std::unique_ptr<rocksdb::FSWritableFile> file;
        EXPECT_TRUE(files_->NewWritableFile(path, {}, &file, nullptr).ok());
        return file;
    }

    support::temporary_directory directory_;
    const std::string path_ = (directory_.path() / "1.log").string();
    disk_meter meter_;
    boost::system::error_code fault_;
    std::shared_ptr<rocksdb::FileSystem> files_ =
        make_metered_file_system(meter_, [this](const std::string&) { return fault_; });
};

TEST_F(MeteredFileSystemTest, CountsAFileFromItsFirstOctetToItsRemoval)
{
    const auto file = create(path_);
    ASSERT_TRUE(file->Append(std::string(5000, 'x'), {}, nullptr).ok());
    EXPECT_EQ(meter_.log_octets(), 8192U);
    ASSERT_TRUE(file->Truncate(100, {}, nullptr).ok());
    EXPECT_EQ(meter_.log_octets(), 4096U);
    ASSERT_TRUE(files_->RenameFile(path_, path_ + ".old", {}, nullptr).ok());
    ASSERT_TRUE(files_->DeleteFile(path_ + ".old", {}, nullptr).ok());
    EXPECT_EQ(meter_.octets(), 0U);
}

TEST_F(MeteredFileSystemTest, FailsWritesAsAFullOrABrokenDiskDoes)
{
    const auto file = create(path_);
    fault_ = store_errc::no_space;
    EXPECT_TRUE(file->Append("x", {}, nullptr).IsNoSpace());
    fault_ = store_errc::io_failure;
    EXPECT_TRUE(file->Append("x", {}, nullptr).IsIOError());
    EXPECT_TRUE(file->Sync({}, nullptr).IsIOError());
    EXPECT_TRUE(file->Fsync({}, nullptr).IsIOError());
    std::unique_ptr<rocksdb::FSWritableFile> other;
    EXPECT_TRUE(files_->NewWritableFile(path_ + "2", {}, &other, nullptr).IsIOError());
    fault_.clear();
    EXPECT_TRUE(file->Append("x", {}, nullptr).ok());
}

}  // namespace
}  // namespace cache
