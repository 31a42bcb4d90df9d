#include "proxy/config_options.hpp"

#include <gtest/gtest.h>

#include <set>

namespace proxy {
namespace {

TEST(ConfigOptionsTest, OneNameGivesFlagAndVariable)
{
    const config_option* option = find_option("store-size");
    ASSERT_NE(option, nullptr);
    EXPECT_EQ(option->flag(), "--store-size");
    EXPECT_EQ(option->variable(), "ATOLL_STORE_SIZE");
    EXPECT_EQ(find_option("store_size"), nullptr);
}

TEST(ConfigOptionsTest, NamesAreUnique)
{
    std::set<std::string_view> names;
    for (const config_option& option : config_options()) {
        EXPECT_TRUE(names.insert(option.name).second) << option.name;
    }
}

TEST(ConfigOptionsTest, DefaultsInTheHelpAreTheDefaults)
{
    settings applied;
    applied.client = applied.peer = applied.admin = {};
    applied.store_octets = applied.memory_octets = 0;
    applied.suffix.clear();
    applied.network.clear();
    applied.threads = 99;
    applied.access_log = log_format::json;
    for (const config_option& option : config_options()) {
        if (!option.default_text.empty() && option.default_text.front() != '$') {
            ASSERT_TRUE(option.apply(applied, option.default_text)) << option.name;
        }
    }
    const settings defaults;
    EXPECT_EQ(applied.client, defaults.client);
    EXPECT_EQ(applied.peer, defaults.peer);
    EXPECT_EQ(applied.admin, defaults.admin);
    EXPECT_EQ(applied.store_octets, defaults.store_octets);
    EXPECT_EQ(applied.memory_octets, defaults.memory_octets);
    EXPECT_EQ(applied.suffix, defaults.suffix);
    EXPECT_EQ(applied.network, defaults.network);
    EXPECT_EQ(applied.threads, defaults.threads);
    EXPECT_EQ(applied.access_log, defaults.access_log);
}

TEST(ConfigOptionsTest, SuggestsTheNearestNameOnly)
{
    EXPECT_EQ(nearest_option("store_size"), find_option("store-size"));
    EXPECT_EQ(nearest_option("alow-client"), find_option("allow-client"));
    EXPECT_EQ(nearest_option("joni"), find_option("join"));
    EXPECT_EQ(nearest_option("banana"), nullptr);
    EXPECT_EQ(nearest_option(""), nullptr);
    EXPECT_EQ(nearest_option(std::string(100'000, 'x')), nullptr);
}

}  // namespace
}  // namespace proxy
