#include "proxy/net/hosts_file.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>

namespace proxy {
namespace {

using addresses = std::vector<boost::asio::ip::address>;
using boost::asio::ip::make_address;

TEST(HostsFileTest, TakesEveryNameOfALineInLowerCase)
{
    const hosts_table table = parse_hosts("192.0.2.1\torigin.test  Alias.TEST\r\n");
    EXPECT_EQ(table.size(), 2U);
    EXPECT_EQ(table.at("origin.test"), addresses({make_address("192.0.2.1")}));
    EXPECT_EQ(table.at("alias.test"), addresses({make_address("192.0.2.1")}));
}

TEST(HostsFileTest, GathersTheAddressesOfANameInOrder)
{
    const hosts_table table = parse_hosts("2001:db8::1 a\n192.0.2.1 b\n192.0.2.2 a");
    EXPECT_EQ(table.at("a"), addresses({make_address("2001:db8::1"), make_address("192.0.2.2")}));
}

TEST(HostsFileTest, SkipsCommentsAndWhatIsNoAddress)
{
    const hosts_table table =
        parse_hosts("# 192.0.2.1 a\n192.0.2.2 b # c\n\n   \n999.0.0.1 d\nnonsense\n192.0.2.3\n");
    EXPECT_EQ(table.size(), 1U);
    EXPECT_TRUE(table.contains("b"));
}

class HostsFileOnDiskTest : public testing::Test
{
protected:
    HostsFileOnDiskTest()
    {
        std::string pattern = (std::filesystem::temp_directory_path() / "hostsXXXXXX").string();
        folder = mkdtemp(pattern.data());
        path = folder / "hosts";
    }
    ~HostsFileOnDiskTest() override { std::filesystem::remove_all(folder); }
    HostsFileOnDiskTest(const HostsFileOnDiskTest&) = delete;
    HostsFileOnDiskTest& operator=(const HostsFileOnDiskTest&) = delete;

    void write(const std::string& text, int seconds_later)
    {
        std::ofstream(path) << text;
        std::filesystem::last_write_time(
            path, std::filesystem::file_time_type() + std::chrono::seconds(seconds_later));
    }

    std::filesystem::path folder;
    std::filesystem::path path;
    watched_file::clock::time_point now;
};

TEST_F(HostsFileOnDiskTest, NoticesAChangeAtTheNextCheckAndNotBefore)
{
    write("192.0.2.1 a", 1);
    hosts_file hosts(path);
    EXPECT_EQ(hosts.find("a", now), addresses({make_address("192.0.2.1")}));

    write("192.0.2.2 a", 2);
    now += watched_file::check_interval - std::chrono::milliseconds(1);
    EXPECT_EQ(hosts.find("a", now), addresses({make_address("192.0.2.1")}));
    now += std::chrono::milliseconds(1);
    EXPECT_EQ(hosts.find("a", now), addresses({make_address("192.0.2.2")}));
}

TEST_F(HostsFileOnDiskTest, AFileThatIsGoneNamesNothing)
{
    write("192.0.2.1 a", 1);
    hosts_file hosts(path);
    EXPECT_FALSE(hosts.find("a", now).empty());
    std::filesystem::remove(path);
    now += watched_file::check_interval;
    EXPECT_TRUE(hosts.find("a", now).empty());
}

}  // namespace
}  // namespace proxy
