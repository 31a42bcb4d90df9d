// Runs the rules over the tree, and each rule over a line that breaks it.

#include "tests/tidy/rules.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tidy {
namespace {

std::string all(const std::vector<finding>& findings)
{
    std::string text;
    for (const finding& one : findings) {
        text += to_text(one) + "\n";
    }
    return text;
}

class TreeTest : public testing::Test
{
protected:
    const std::vector<source_file> files_ = read_tree(ATOLL_SOURCE_DIR);

    template <class Rule>
    void expect_clean(Rule rule)
    {
        ASSERT_FALSE(files_.empty());
        for (const source_file& file : files_) {
            EXPECT_EQ(all(rule(file)), "");
        }
    }
};

TEST_F(TreeTest, FoldersIncludeOnlyWhatTheTableAllows)
{
    expect_clean(check_includes);
}
TEST_F(TreeTest, CoreAndPolicyTouchNoMachine)
{
    expect_clean(check_sans_io);
}
TEST_F(TreeTest, StatementsWithCoAwaitHoldNoBracedTemporaries)
{
    expect_clean(check_coroutines);
}
TEST_F(TreeTest, NothingIsLeftUndone)
{
    expect_clean(check_words);
}
TEST_F(TreeTest, SourcesOfCorePolicyAndStoreHaveUnitTests)
{
    EXPECT_EQ(all(check_unit_tests(files_)), "");
}

TEST_F(TreeTest, SourcesIncludeTheirOwnHeaderFirst)
{
    EXPECT_EQ(all(check_own_header(files_)), "");
}

TEST(OwnHeaderRuleTest, RefusesAnotherIncludeBeforeIt)
{
    const source_file header{"dht/core/a.hpp", "#pragma once\n"};
    const source_file right{
        "dht/core/a.cpp", "// Why.\n#include \"dht/core/a.hpp\"\n#include <map>\n"};
    const source_file wrong{"dht/core/a.cpp", "#include <map>\n#include \"dht/core/a.hpp\"\n"};
    EXPECT_TRUE(check_own_header({header, right}).empty());
    EXPECT_EQ(check_own_header({header, wrong}).size(), 1U);
    EXPECT_TRUE(check_own_header({wrong}).empty()) << "there is no such header";
}

TEST(IncludeRuleTest, RefusesTheOtherSide)
{
    EXPECT_EQ(
        check_includes({"dht/core/node.cpp", "#include \"cache/policy/age.hpp\"\n"}).size(), 1U);
    EXPECT_EQ(
        check_includes({"cache/policy/age.cpp", "#include <boost/asio/ip/tcp.hpp>\n"}).size(), 1U);
    EXPECT_EQ(check_includes({"cache/store/store.cpp", "#include <rocksdb/db.h>\n"}).size(), 1U);
    EXPECT_EQ(
        check_includes({"cache/store/rocksdb_store.hpp", "#include <rocksdb/db.h>\n"}).size(), 1U);
    EXPECT_EQ(
        check_includes({"proxy/net/session.cpp", "#include \"proxy/server.hpp\"\n"}).size(), 1U);
    EXPECT_EQ(check_includes({"proxy/net/session.cpp", "#include \"tests/support/process.hpp\"\n"})
                  .size(),
        2U);
}

TEST(IncludeRuleTest, AllowsTheTable)
{
    EXPECT_TRUE(
        check_includes({"cache/store/rocksdb_store.cpp", "#include <rocksdb/db.h>\n"}).empty());
    EXPECT_TRUE(
        check_includes({"proxy/net/a.cpp", "#include \"proxy/config.hpp\"\n#include <vector>\n"})
            .empty());
}

TEST(SansIoRuleTest, RefusesClockRandomnessAndCoroutines)
{
    EXPECT_EQ(
        check_sans_io({"dht/core/a.cpp", "auto t = std::chrono::steady_clock::now();\n"}).size(),
        1U);
    EXPECT_EQ(check_sans_io({"proxy/core/a.cpp", "std::random_device d;\n"}).size(), 1U);
    EXPECT_EQ(check_sans_io({"proxy/core/a.cpp", "// co_await in a comment\n"}).size(), 0U);
    EXPECT_EQ(check_sans_io({"proxy/net/a.cpp", "co_await f();\n"}).size(), 0U);
}

TEST(CoroutineRuleTest, RefusesWhatGccDestroysTwice)
{
    EXPECT_EQ(
        check_coroutines({"proxy/net/a.cpp", "co_await admit(key, stored{.a = b});\n"}).size(), 1U);
    EXPECT_EQ(
        check_coroutines({"proxy/net/a.cpp", "co_await run([x](int) { return x; });\n"}).size(),
        1U);
    EXPECT_EQ(check_coroutines({"proxy/net/a.cpp", "co_await send({1, 2});\n"}).size(), 1U);
    EXPECT_EQ(check_coroutines({"proxy/net/a.cpp", "co_spawn(e, f(), detached);\n"}).size(), 1U);
    EXPECT_TRUE(check_coroutines(
        {"proxy/net/a.cpp", "auto [ec, n] = co_await s.read(buffer, use_tuple);\n"})
                    .empty());
    EXPECT_TRUE(
        check_coroutines({"proxy/net/a.cpp", "if (co_await ready()) {\n    f({1});\n}\n"}).empty());
}

TEST(UnitTestRuleTest, MissesTheTestOfASource)
{
    EXPECT_EQ(check_unit_tests({{"dht/core/lookup.cpp", ""}}).size(), 1U);
    EXPECT_TRUE(
        check_unit_tests({{"dht/core/lookup.cpp", ""}, {"tests/unit/dht/lookup_test.cpp", ""}})
            .empty());
}

}  // namespace
}  // namespace tidy
