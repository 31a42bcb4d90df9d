#include "cache/store/memory_body.hpp"

#include <gtest/gtest.h>

#include <unistd.h>
#include <string>

namespace cache {
namespace {

std::shared_ptr<const std::string> piece(std::size_t octets, char letter)
{
    return std::make_shared<const std::string>(octets, letter);
}

TEST(MemoryBodyTest, IsOneStringWhenSmall)
{
    const auto pages = page_file::create();
    const auto body = memory_body::make({piece(3, 'a'), piece(2, 'b')}, pages);
    EXPECT_FALSE(body->in_pages());
    EXPECT_EQ(body->octets(), "aaabb");
    EXPECT_EQ(body->size(), 5U);
    EXPECT_EQ(pages->occupied_octets(), 0U);
}

TEST(MemoryBodyTest, SharesASinglePiece)
{
    const auto only = piece(100, 'a');
    const auto body = memory_body::make({only}, nullptr);
    EXPECT_EQ(body->octets().data(), only->data());
}

TEST(MemoryBodyTest, HoldsNothingOfAnEmptyBody)
{
    const auto body = memory_body::make({}, page_file::create());
    EXPECT_EQ(body->size(), 0U);
    EXPECT_EQ(body->octets(), "");
}

TEST(MemoryBodyTest, LiesInPagesFromTheLimitOn)
{
    const auto pages = page_file::create();
    const auto below = memory_body::make({piece(memory_body::paged_octets - 1, 'a')}, pages);
    EXPECT_FALSE(below->in_pages());
    const auto at =
        memory_body::make({piece(memory_body::paged_octets - 1, 'a'), piece(1, 'b')}, pages);
    ASSERT_TRUE(at->in_pages());
    std::string read(at->size(), '?');
    ASSERT_EQ(::pread(at->descriptor(), read.data(), read.size(), static_cast<off_t>(at->offset())),
        static_cast<ssize_t>(read.size()));
    EXPECT_EQ(read, std::string(memory_body::paged_octets - 1, 'a') + "b");
    EXPECT_GE(at->memory_octets(), memory_body::paged_octets);
}

TEST(MemoryBodyTest, GivesItsPagesBackAtItsEnd)
{
    const auto pages = page_file::create();
    auto body = memory_body::make({piece(1'000'000, 'a')}, pages);
    EXPECT_GE(pages->occupied_octets(), 1'000'000U);
    body.reset();
    EXPECT_EQ(pages->occupied_octets(), 0U);
}

TEST(MemoryBodyTest, IsAStringWhereThereAreNoPages)
{
    const auto body = memory_body::make({piece(1'000'000, 'a')}, nullptr);
    EXPECT_FALSE(body->in_pages());
    EXPECT_EQ(body->octets().size(), 1'000'000U);
}

}  // namespace
}  // namespace cache
