#include "dht/net/contacts_file.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace dht {
namespace {

class ContactsFileTest : public ::testing::Test
{
protected:
    void SetUp() override
    {
        std::string name = (std::filesystem::temp_directory_path() / "contacts_XXXXXX").string();
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        folder = name;
        file = folder / "contacts";
    }

    void TearDown() override { std::filesystem::remove_all(folder); }

    std::filesystem::path folder;
    std::filesystem::path file;
    const std::vector<endpoint> two = {{boost::asio::ip::make_address("192.0.2.1"), 4128},
        {boost::asio::ip::make_address("2001:db8::1"), 1}};
};

TEST_F(ContactsFileTest, ReadsWhatItWrote)
{
    EXPECT_FALSE(save_contacts(file, two));
    EXPECT_EQ(load_contacts(file), two);
    EXPECT_FALSE(save_contacts(file, {}));
    EXPECT_TRUE(load_contacts(file).empty());
}

TEST_F(ContactsFileTest, PassesOverWhatIsNoEndpoint)
{
    std::ofstream{file} << "192.0.2.1:4128\n\nrubbish\n0.0.0.0:1\n192.0.2.1:0\n[2001:db8::1]:1";
    EXPECT_EQ(load_contacts(file), two);
}

TEST_F(ContactsFileTest, AMissingFileIsNoContacts)
{
    EXPECT_TRUE(load_contacts(file).empty());
    EXPECT_TRUE(load_contacts(folder).empty());
}

TEST_F(ContactsFileTest, ReadsABoundedNumberOfLines)
{
    {
        std::ofstream out{file};
        for (int i = 0; i < 100'000; ++i) {
            out << "192.0.2.1:4128\n";
        }
    }
    EXPECT_EQ(load_contacts(file).size(), 1'024U);
}

TEST_F(ContactsFileTest, SaysWhenItCannotWrite)
{
    EXPECT_TRUE(save_contacts(folder / "absent" / "contacts", two));
    std::filesystem::create_directory(file);
    EXPECT_TRUE(save_contacts(file, two));
}

}  // namespace
}  // namespace dht
