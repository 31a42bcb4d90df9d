#include "cache/store/rocksdb_folder.hpp"

#include "cache/store/errc.hpp"
#include "tests/support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <optional>
#include <string>

namespace cache {
namespace {

namespace fs = std::filesystem;

class StoreFolderTest : public testing::Test
{
protected:
    static void write(const fs::path& path, const std::string& text)
    {
        std::ofstream{path, std::ios::binary} << text;
    }

    support::temporary_directory directory_;
    const fs::path path_ = directory_.path() / "deep" / "store";
};

TEST_F(StoreFolderTest, CreatesAFolderAndMarksIt)
{
    const auto folder = store_folder::acquire(path_);
    ASSERT_TRUE(folder);
    EXPECT_TRUE(folder->check_format());
    EXPECT_TRUE(fs::exists(path_ / "FORMAT"));
}

TEST_F(StoreFolderTest, RefusesASecondOwnerUntilTheFirstIsGone)
{
    auto first = std::optional{store_folder::acquire(path_).value()};
    EXPECT_EQ(store_folder::acquire(path_).error(), store_errc::locked);
    const store_folder moved = std::move(*first);
    first.reset();
    EXPECT_EQ(store_folder::acquire(path_).error(), store_errc::locked);
}

TEST_F(StoreFolderTest, LeavesAFolderWithOtherFilesAlone)
{
    fs::create_directories(path_);
    write(path_ / "thesis.tex", "text");
    EXPECT_EQ(store_folder::acquire(path_).error(), store_errc::not_a_store);
    EXPECT_TRUE(fs::exists(path_ / "thesis.tex"));
    EXPECT_FALSE(fs::exists(path_ / "FORMAT"));
}

TEST_F(StoreFolderTest, TakesAFolderWhoseFirstStartWasCutShort)
{
    fs::create_directories(path_);
    write(path_ / "LOCK", "");
    write(path_ / "FORMAT.new", "atoll st");
    EXPECT_TRUE(store_folder::acquire(path_));
}

TEST_F(StoreFolderTest, SaysThatAnotherVersionWroteItAndCanBeEmptied)
{
    fs::create_directories(path_ / "db");
    write(path_ / "FORMAT", "atoll store 99\n");
    write(path_ / "db" / "data", "old");
    const auto folder = store_folder::acquire(path_);
    ASSERT_TRUE(folder);
    EXPECT_EQ(folder->check_format().error(), store_errc::unknown_format);
    EXPECT_TRUE(fs::exists(path_ / "db" / "data"));
    ASSERT_TRUE(folder->empty());
    EXPECT_TRUE(folder->check_format());
    EXPECT_FALSE(fs::exists(path_ / "db"));
}

TEST_F(StoreFolderTest, SaysThatAPathCannotBeUsed)
{
    write(directory_.path() / "file", "");
    EXPECT_EQ(store_folder::acquire(directory_.path() / "file").error(), store_errc::not_a_folder);
    EXPECT_EQ(store_folder::acquire("/proc/no/store").error(),
        boost::system::errc::no_such_file_or_directory);
}

}  // namespace
}  // namespace cache
