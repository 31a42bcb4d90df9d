#include "dht/core/swarm_key.hpp"
#include "proxy/config_options.hpp"
#include "tests/unit/cli/program.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace proxy {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

TEST(CommandLineTest, HelpShowsExamplesBeforeOptions)
{
    for (const char* subcommand : {"run", "get", "lookup", "status", "check", "swarm-key"}) {
        const outcome shown = run_program({subcommand, "--help"});
        EXPECT_EQ(shown.exit, exit_ok);
        const std::size_t examples = shown.out.find("Examples:\n  atoll ");
        ASSERT_NE(examples, std::string::npos) << shown.out;
        EXPECT_LT(examples, shown.out.find("Options:")) << shown.out;
        EXPECT_THAT(shown.out, HasSubstr("atoll " + std::string{subcommand}));
    }
    EXPECT_THAT(run_program({"--help"}).out, HasSubstr("Subcommands:"));
}

TEST(CommandLineTest, HelpOfRunListsEveryOption)
{
    const std::string help = run_program({"run", "--help"}).out;
    for (const config_option& option : config_options()) {
        EXPECT_THAT(help, HasSubstr(option.flag()));
    }
    EXPECT_THAT(help, HasSubstr("--config"));
}

TEST(CommandLineTest, VersionGoesToStandardOutput)
{
    const outcome shown = run_program({"--version"});
    EXPECT_EQ(shown.exit, exit_ok);
    EXPECT_THAT(shown.out, StartsWith("atoll " ATOLL_VERSION));
}

TEST(CommandLineTest, UnknownCommandIsNamedBesideTheKnownOnes)
{
    const outcome refused = run_program({"serve", "--client", "127.0.0.1:1"});
    EXPECT_EQ(refused.exit, exit_usage);
    EXPECT_THAT(refused.err, StartsWith("atoll: there is no command 'serve'; there are run, get,"));
    EXPECT_THAT(run_program({}).err, HasSubstr("ubcommand"));
    EXPECT_EQ(run_program({""}).exit, exit_usage);
}

TEST(CommandLineTest, SwarmKeyMakesAKeyAndTheNextOfTheSameSwarm)
{
    const outcome made = run_program({"swarm-key"});
    ASSERT_EQ(made.exit, exit_ok) << made.err;
    ASSERT_THAT(made.out, EndsWith("\n"));
    const auto first = dht::swarm_key::parse(made.out.substr(0, made.out.size() - 1));
    ASSERT_TRUE(first);
    EXPECT_NE(run_program({"swarm-key"}).out, made.out);

    const outcome changed = run_program({"swarm-key", "--next"}, {}, made.out);
    ASSERT_EQ(changed.exit, exit_ok) << changed.err;
    const auto second = dht::swarm_key::parse(changed.out.substr(0, changed.out.size() - 1));
    ASSERT_TRUE(second);
    EXPECT_TRUE(dht::swarm_ring::of({*first, *second}));

    const outcome refused = run_program({"swarm-key", "--next"}, {}, "hunter2\n");
    EXPECT_EQ(refused.exit, exit_bad_config);
    EXPECT_EQ(refused.err, "atoll: standard input: a swarm key begins with 'atoll-swarm-1:'\n");
    EXPECT_TRUE(refused.out.empty());
}

TEST(CommandLineTest, CheckTellsThatTheNetworkIsPrivateAndNotItsKey)
{
    const std::string key = run_program({"swarm-key"}).out;
    const std::string flag = "--swarm-key=" + key.substr(0, key.size() - 1);
    const outcome checked = run_program({"check", flag.c_str()});
    EXPECT_EQ(checked.exit, exit_ok) << checked.err;
    EXPECT_THAT(checked.out, HasSubstr("swarm   private, keys accepted: 1\n"));
    EXPECT_EQ(checked.out.find("atoll-swarm-1"), std::string::npos);
}

TEST(CommandLineTest, WhatIsNotUnderstoodEndsWithTwo)
{
    const std::vector<std::vector<const char*>> cases{{},
        {"swim"},
        {"run", "--banana"},
        {"run", "reef"},
        {"run", "--client"},
        {"get"},
        {"get", "http://a", "http://b"},
        {"get", "--client", "127.0.0.1:1", "example.com"},
        {"get", "--timeout", "soon", "http://a"},
        {"status", "--store", "/x"}};
    for (const auto& arguments : cases) {
        const outcome refused = run_program(arguments);
        EXPECT_EQ(refused.exit, exit_usage) << testing::PrintToString(arguments);
        EXPECT_THAT(refused.err, StartsWith("atoll: "));
        EXPECT_TRUE(refused.out.empty()) << refused.out;
    }
}

TEST(CommandLineTest, RunServesWhatTheFlagsSay)
{
    const outcome ran = run_program({"run",
        "--client",
        "127.0.0.1:0",
        "--join",
        "127.0.0.1:1",
        "--join=127.0.0.1:2",
        "--origin",
        "http://[::1]:80",
        "--no-peers",
        "--plain-krpc=false",
        "--store-size",
        "1GiB"});
    ASSERT_TRUE(ran.served) << ran.err;
    EXPECT_EQ(ran.served->client.port, 0);
    EXPECT_EQ(ran.served->join.size(), 2U);
    EXPECT_EQ(ran.served->origins.size(), 1U);
    EXPECT_FALSE(ran.served->use_peers);
    EXPECT_FALSE(ran.served->plain_krpc);
    EXPECT_EQ(ran.served->store_octets, 1ULL << 30);
}

TEST(CommandLineTest, SwitchOfAFileCanBeTakenBackByAFlag)
{
    const outcome ran = run_program(
        {"run", "--no-peers=false"}, {{"HOME", "/home/reef"}, {"ATOLL_NO_PEERS", "true"}});
    ASSERT_TRUE(ran.served) << ran.err;
    EXPECT_TRUE(ran.served->use_peers);
}

TEST(CommandLineTest, BadConfigurationEndsWithSeventyEightAndServesNothing)
{
    for (const char* subcommand : {"run", "check"}) {
        const outcome refused = run_program({subcommand, "--threads", "many", "--memory", "1"});
        EXPECT_EQ(refused.exit, exit_bad_config);
        EXPECT_FALSE(refused.served);
        EXPECT_TRUE(refused.out.empty());
        EXPECT_THAT(refused.err, HasSubstr("atoll: command line: --threads: expected a number"));
        EXPECT_THAT(refused.err, HasSubstr("atoll: command line: --memory: expected a size"));
    }
    EXPECT_EQ(run_program({"status", "-c", "/does/not/exist.toml"}).exit, exit_bad_config);
    EXPECT_EQ(run_program({"get", "-c", "/does/not/exist", "http://a"}).exit, exit_bad_config);
}

TEST(CommandLineTest, CheckPrintsWhereItWouldListen)
{
    const outcome checked = run_program({"check", "--admin", "[::1]:9000", "--origin", "http://a"});
    EXPECT_EQ(checked.exit, exit_ok);
    EXPECT_EQ(checked.out,
        "ok: no file, defaults\n"
        "client  127.0.0.1:3128\n"
        "peer    127.0.0.1:4128\n"
        "admin   [::1]:9000\n"
        "store   /home/reef/.cache/atoll\n"
        "state   /home/reef/.local/state/atoll\n"
        "origin  http://a\n");
}

}  // namespace
}  // namespace proxy
