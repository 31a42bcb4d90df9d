#include "cache/store/page_file.hpp"

#include <gtest/gtest.h>

#include <unistd.h>
#include <string>
#include <vector>

namespace cache {
namespace {

using pieces = std::vector<std::shared_ptr<const std::string>>;

pieces of(std::initializer_list<std::string> texts)
{
    pieces out;
    for (const std::string& text : texts) {
        out.push_back(std::make_shared<const std::string>(text));
    }
    return out;
}

std::string read(const page_file& file, std::uint64_t offset, std::size_t octets)
{
    std::string out(octets, '?');
    const ssize_t got = ::pread(file.descriptor(), out.data(), octets, static_cast<off_t>(offset));
    out.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
    return out;
}

TEST(PageFileTest, JoinsThePiecesInTheirOrder)
{
    const auto file = page_file::create();
    ASSERT_NE(file, nullptr);
    const auto place = file->write(of({"one ", "", "two ", "three"}));
    ASSERT_TRUE(place);
    EXPECT_EQ(read(*file, place->offset, 13), "one two three");
}

TEST(PageFileTest, NeverUsesAPlaceTwice)
{
    const auto file = page_file::create();
    const auto first = file->write(of({std::string(5'000, 'a')}));
    ASSERT_TRUE(first);
    file->release(*first);
    const auto second = file->write(of({std::string(5'000, 'b')}));
    ASSERT_TRUE(second);
    EXPECT_GE(second->offset, first->offset + first->occupied_octets);
}

TEST(PageFileTest, OccupiesWhatItsLivePlacesDo)
{
    const auto file = page_file::create();
    const auto kept = file->write(of({std::string(8'193, 'a')}));
    const auto released = file->write(of({std::string(1'000'000, 'b')}));
    ASSERT_TRUE(kept && released);
    EXPECT_EQ(kept->occupied_octets, 3 * 4'096U);
    EXPECT_EQ(file->occupied_octets(), kept->occupied_octets + released->occupied_octets);
    file->release(*released);
    EXPECT_EQ(file->occupied_octets(), kept->occupied_octets);
    EXPECT_EQ(read(*file, kept->offset, 8'193), std::string(8'193, 'a'));
}

}  // namespace
}  // namespace cache
