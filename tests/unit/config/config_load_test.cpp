#include "proxy/config_load.hpp"

#include "proxy/config_values.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>

namespace proxy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// A folder of its own for each test, removed with it.
class ConfigLoadTest : public testing::Test
{
protected:
    ConfigLoadTest()
    {
        std::string pattern =
            (std::filesystem::temp_directory_path() / "atoll_config_XXXXXX").string();
        folder_ = ::mkdtemp(pattern.data());
        sources_.system_file = folder_ / "system.toml";
        sources_.variables = {{"HOME", "/home/reef"}, {"XDG_CONFIG_HOME", folder_.string()}};
    }
    ~ConfigLoadTest() override { std::filesystem::remove_all(folder_); }
    ConfigLoadTest(const ConfigLoadTest&) = delete;
    ConfigLoadTest& operator=(const ConfigLoadTest&) = delete;

    std::filesystem::path write(const std::string& name, const std::string& text) const
    {
        std::filesystem::create_directories((folder_ / name).parent_path());
        std::ofstream{folder_ / name, std::ios::binary} << text;
        return folder_ / name;
    }

    void use_file(const std::string& text) { sources_.file = write("atoll.toml", text); }

    settings load() const
    {
        const auto loaded = load_settings(sources_);
        if (!loaded) {
            ADD_FAILURE() << to_string(loaded.error().front());
            return {};
        }
        return loaded->values;
    }

    // The errors as a user sees them, without the name of the test's folder.
    std::vector<std::string> errors() const
    {
        const auto loaded = load_settings(sources_);
        std::vector<std::string> lines;
        for (const config_error& error : loaded ? config_errors{} : loaded.error()) {
            std::string line = to_string(error);
            const std::string prefix = folder_.string() + "/";
            lines.push_back(line.starts_with(prefix) ? line.substr(prefix.size()) : line);
        }
        return lines;
    }

    std::filesystem::path folder_;
    config_sources sources_;

    // Two keys of one swarm, and one of another.
    const std::string first_ =
        "atoll-swarm-1:AQEBAQEBAQEBAQEBAQEBAQAHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBw";
    const std::string second_ =
        "atoll-swarm-1:AQEBAQEBAQEBAQEBAQEBAQEICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICA";
    const std::string other_ =
        "atoll-swarm-1:AgICAgICAgICAgICAgICAgIJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQ";
};

TEST_F(ConfigLoadTest, WithoutConfigurationPeerIsPrivateAndOnLoopback)
{
    const settings values = load();
    EXPECT_EQ(to_string(values.client), "127.0.0.1:3128");
    EXPECT_EQ(to_string(values.peer), "127.0.0.1:4128");
    EXPECT_EQ(to_string(values.admin), "127.0.0.1:9128");
    EXPECT_EQ(values.store, "/home/reef/.cache/atoll");
    EXPECT_EQ(values.state, "/home/reef/.local/state/atoll");
    EXPECT_TRUE(values.use_peers);
    EXPECT_TRUE(load_settings(sources_)->file.empty());
}

TEST_F(ConfigLoadTest, EveryOptionCanBeSetInTheFile)
{
    use_file(R"(
client = "0.0.0.0:8080"
peer = "192.0.2.1:5000"
admin = "[::1]:9000"
store = "/srv/store"
store-size = "20GiB"
memory = 67108864
state = "/srv/state"
join = ["192.0.2.2:4128", "192.0.2.3:4128"]
advertise = "198.51.100.7:5000"
origin = "http://www.example.com"
allow-client = ["192.168.0.0/16"]
allow-target = ["10.0.0.0/8", "127.0.0.1"]
suffix = "reef.example"
no-peers = true
network = "lab"
levels = "80,25"
plain-krpc = true
threads = 3
log-format = "json"
)");
    const settings values = load();
    EXPECT_EQ(to_string(values.client), "0.0.0.0:8080");
    EXPECT_EQ(to_string(values.peer), "192.0.2.1:5000");
    EXPECT_EQ(to_string(values.admin), "[::1]:9000");
    EXPECT_EQ(values.store, "/srv/store");
    EXPECT_EQ(values.store_octets, 20ULL << 30);
    EXPECT_EQ(values.memory_octets, 64ULL << 20);
    EXPECT_EQ(values.state, "/srv/state");
    ASSERT_EQ(values.join.size(), 2U);
    EXPECT_EQ(to_string(values.join[1]), "192.0.2.3:4128");
    EXPECT_EQ(to_string(values.advertise.value()), "198.51.100.7:5000");
    ASSERT_EQ(values.origins.size(), 1U);
    EXPECT_EQ(to_string(values.origins[0]), "http://www.example.com");
    ASSERT_EQ(values.allow_client.size(), 1U);
    EXPECT_EQ(values.allow_client[0].prefix_bits, 16U);
    EXPECT_EQ(values.allow_target.size(), 2U);
    EXPECT_EQ(values.suffix, "reef.example");
    EXPECT_FALSE(values.use_peers);
    EXPECT_EQ(values.network, "lab");
    EXPECT_EQ(values.level_bounds,
        (std::vector{std::chrono::milliseconds{80}, std::chrono::milliseconds{25}}));
    EXPECT_TRUE(values.plain_krpc);
    EXPECT_EQ(values.threads, 3U);
    EXPECT_EQ(values.access_log, log_format::json);
}

TEST_F(ConfigLoadTest, FlagsOverrideEnvironmentOverridesFile)
{
    use_file("network = 'file'\nthreads = 1\nmemory = '2MiB'\n");
    sources_.variables["ATOLL_NETWORK"] = "environment";
    sources_.variables["ATOLL_THREADS"] = "2";
    sources_.flags = {{"network", "flag"}};
    const settings values = load();
    EXPECT_EQ(values.network, "flag");
    EXPECT_EQ(values.threads, 2U);
    EXPECT_EQ(values.memory_octets, 2ULL << 20);
}

TEST_F(ConfigLoadTest, ListOfAHigherSourceReplacesTheLower)
{
    use_file("join = ['127.0.0.1:1', '127.0.0.1:2']\norigin = 'http://a'");
    sources_.variables["ATOLL_JOIN"] = "127.0.0.1:3, 127.0.0.1:4";
    sources_.flags = {{"origin", "http://b"}, {"origin", "http://c"}};
    const settings values = load();
    ASSERT_EQ(values.join.size(), 2U);
    EXPECT_EQ(to_string(values.join[0]), "127.0.0.1:3");
    ASSERT_EQ(values.origins.size(), 2U);
    EXPECT_EQ(values.origins[1].host, "c");
}

TEST_F(ConfigLoadTest, SwarmKeysComeInTheirOrderFromFlagsEnvironmentOrFile)
{
    use_file("swarm-key = ['" + first_ + "', '" + second_ + "']\n");
    ASSERT_EQ(load().swarm_keys.size(), 2U);
    EXPECT_EQ(load().swarm_keys[0].text(), first_);
    sources_.variables["ATOLL_SWARM_KEY"] = second_ + "," + first_;
    EXPECT_EQ(load().swarm_keys[0].text(), second_);
    sources_.flags = {{"swarm-key", first_}};
    ASSERT_EQ(load().swarm_keys.size(), 1U);
    EXPECT_EQ(load().swarm_keys[0].text(), first_);
}

TEST_F(ConfigLoadTest, SwarmKeysOfAFileOfTheirOwn)
{
    const auto keys = write("swarm", "# before\n" + first_ + "\n\n  " + second_ + " \r\n");
    std::filesystem::permissions(keys, std::filesystem::perms{0640});
    sources_.flags = {{"swarm-key-file", keys.string()}};
    ASSERT_EQ(load().swarm_keys.size(), 2U);
    EXPECT_EQ(load().swarm_keys[1].text(), second_);

    std::filesystem::permissions(keys, std::filesystem::perms{0644});
    EXPECT_THAT(errors(),
        ElementsAre(
            "swarm: every user of this machine can read or write these secrets: chmod 600 it"));
    write("swarm", "# nothing\n");
    std::filesystem::permissions(keys, std::filesystem::perms{0600});
    EXPECT_THAT(errors(), ElementsAre("swarm: expected a swarm key on a line of its own"));
    sources_.flags = {{"swarm-key-file", (folder_ / "absent").string()}};
    EXPECT_THAT(errors(), ElementsAre("absent: cannot be read: there is no such file"));
    sources_.flags = {{"swarm-key-file", keys.string()}, {"swarm-key", first_}};
    EXPECT_THAT(errors(),
        ElementsAre(
            "command line: --swarm-key-file: expected either a file or swarm-key, found both"));
}

TEST_F(ConfigLoadTest, NoMessageRepeatsAnythingOfASwarmKey)
{
    const std::string broken = first_.substr(0, first_.size() - 1);
    const auto keys = write("swarm", "\n" + broken + "\n");
    std::filesystem::permissions(keys, std::filesystem::perms{0600});
    sources_.flags = {{"swarm-key-file", keys.string()}};
    EXPECT_THAT(errors(), ElementsAre("swarm:2: a swarm key ends with 66 characters of base64url"));
    sources_.flags = {{"swarm-key", broken}};
    sources_.variables["ATOLL_SWARM_KEY"] = "hunter2";
    use_file("swarm-key = 'correct horse'\n");
    const std::string expected =
        ": expected a swarm key ('atoll swarm-key' makes one): a swarm key ";
    EXPECT_THAT(errors(),
        ElementsAre("atoll.toml:1: swarm-key" + expected + "begins with 'atoll-swarm-1:'",
            "environment: ATOLL_SWARM_KEY" + expected + "begins with 'atoll-swarm-1:'",
            "command line: --swarm-key" + expected + "ends with 66 characters of base64url"));
}

TEST_F(ConfigLoadTest, SwarmKeysOfOneRingBelongTogether)
{
    sources_.flags = {{"swarm-key", first_}, {"swarm-key", other_}};
    EXPECT_THAT(
        errors(), ElementsAre("command line: --swarm-key: the swarm keys are not of one swarm"));
    sources_.flags = {{"swarm-key", first_}, {"swarm-key", first_}};
    EXPECT_THAT(
        errors(), ElementsAre("command line: --swarm-key: two swarm keys have the same slot"));
    sources_.flags = {{"swarm-key", first_}, {"plain-krpc", "true"}};
    EXPECT_THAT(errors(),
        ElementsAre("command line: --plain-krpc: plain nodes have no key: leave this out or the "
                    "swarm's"));
}

TEST_F(ConfigLoadTest, LastOfTwoFlagsCounts)
{
    sources_.flags = {
        {"threads", "1"}, {"threads", "2"}, {"no-peers", "true"}, {"no-peers", "false"}};
    EXPECT_EQ(load().threads, 2U);
    EXPECT_TRUE(load().use_peers);
}

TEST_F(ConfigLoadTest, UnknownKeysAndBadValuesNameFileLineAndKey)
{
    use_file(
        "client = '127.0.0.1:3128'\n"
        "store_size = '20GiB'\n"
        "memory = 'much'\n"
        "[peers]\n"
        "x = 1\n");
    EXPECT_THAT(errors(),
        ElementsAre("atoll.toml:2: store_size: unknown key, did you mean store-size?",
            "atoll.toml:3: memory: expected a size of at least 1MiB, such as 512MiB or 20GiB, "
            "found 'much'",
            "atoll.toml:4: peers: unknown key, did you mean peer?"));
}

TEST_F(ConfigLoadTest, BadElementOfAListNamesItsOwnLine)
{
    use_file("join = [\n  '127.0.0.1:4128',\n  'peer.example:4128',\n]\n");
    EXPECT_THAT(errors(),
        ElementsAre("atoll.toml:3: join: expected the ADDRESS:PORT of a peer, such as "
                    "192.0.2.7:4128, found 'peer.example:4128'"));
}

TEST_F(ConfigLoadTest, ValuesOfTheWrongKindAreRefused)
{
    use_file(
        "threads = 1.5\nclient = ['127.0.0.1:1']\nno-peers = { a = 1 }\nsuffix = 1979-05-27\n"
        "join = [['127.0.0.1:1']]\n");
    EXPECT_THAT(errors(),
        ElementsAre("atoll.toml:1: threads: expected a string, found a number with a fraction",
            "atoll.toml:2: client: expected one value, found an array",
            "atoll.toml:3: no-peers: expected true or false, found a table",
            "atoll.toml:4: suffix: expected a string, found a date or time",
            "atoll.toml:5: join: expected a string, found an array"));
}

TEST_F(ConfigLoadTest, SyntaxErrorNamesItsLine)
{
    use_file("threads = 1\nnetwork = \n");
    ASSERT_EQ(errors().size(), 1U);
    EXPECT_THAT(errors()[0], testing::StartsWith("atoll.toml:2: not valid TOML: "));
}

TEST_F(ConfigLoadTest, MessageIsOneLineWhateverTheFileContains)
{
    use_file("\"a\\nb\" = 1\nnetwork = \"x\\u001b[31m\\ny\"\n");
    for (const std::string& line : errors()) {
        EXPECT_EQ(line.find_first_of("\n\x1b"), std::string::npos) << line;
    }
    EXPECT_EQ(errors().size(), 2U);
}

TEST_F(ConfigLoadTest, UnknownVariableIsRefusedAndBadOneIsNamed)
{
    sources_.variables["ATOLL_STORE__SIZE"] = "20GiB";
    sources_.variables["ATOLL_THREADS"] = "many";
    sources_.variables["ATOLL_ORIGIN"] = "";  // as good as not set
    EXPECT_THAT(errors(),
        ElementsAre(
            "environment: ATOLL_STORE__SIZE: unknown variable, did you mean ATOLL_STORE_SIZE?",
            "environment: ATOLL_THREADS: expected a number from 0 (one per core) to 256, found "
            "'many'"));
}

TEST_F(ConfigLoadTest, BadFlagIsNamedAsItWasWritten)
{
    sources_.flags = {{"store-size", "1MiB"}};
    EXPECT_THAT(errors(),
        ElementsAre("command line: --store-size: expected a size of at least 256MiB, such as "
                    "512MiB or 20GiB, found '1MiB'"));
}

TEST_F(ConfigLoadTest, BadValueIsRefusedEvenWhereItIsOverridden)
{
    use_file("threads = 'x'\n");
    sources_.flags = {{"threads", "2"}};
    EXPECT_EQ(errors().size(), 1U);
}

TEST_F(ConfigLoadTest, DefaultFileIsTheUsersThenTheSystems)
{
    write("system.toml", "network = 'system'");
    EXPECT_EQ(load().network, "system");
    write("atoll/atoll.toml", "network = 'user'");
    EXPECT_EQ(load().network, "user");
    sources_.variables["ATOLL_CONFIG"] = write("variable.toml", "network = 'variable'").string();
    EXPECT_EQ(load().network, "variable");
    sources_.file = write("flag.toml", "network = 'flag'");
    EXPECT_EQ(load().network, "flag");
    EXPECT_EQ(load_settings(sources_)->file, folder_ / "flag.toml");
}

TEST_F(ConfigLoadTest, FileThatCannotBeReadSaysWhy)
{
    sources_.file = folder_ / "absent.toml";
    EXPECT_THAT(errors(), ElementsAre("absent.toml: cannot be read: there is no such file"));
    std::filesystem::create_directory(folder_ / "dir.toml");
    sources_.file = folder_ / "dir.toml";
    EXPECT_THAT(errors(), ElementsAre("dir.toml: cannot be read: it is not a regular file"));
    sources_.file = write("large.toml", std::string((1 << 20) + 1, '#'));
    EXPECT_THAT(errors(), ElementsAre("large.toml: cannot be read: it is larger than 1 MiB"));
    sources_.file = write("limit.toml", std::string(1 << 20, '#'));
    EXPECT_TRUE(errors().empty());
    sources_.file = write("secret.toml", "");
    std::filesystem::permissions(sources_.file, std::filesystem::perms::none);
    if (::geteuid() != 0) {
        EXPECT_THAT(errors(), ElementsAre("secret.toml: cannot be read: Permission denied"));
    }
}

TEST_F(ConfigLoadTest, FoldersFollowXdg)
{
    sources_.variables["XDG_CACHE_HOME"] = "/var/cache/me";
    sources_.variables["XDG_STATE_HOME"] = "relative";  // the specification has it ignored
    EXPECT_EQ(load().store, "/var/cache/me/atoll");
    EXPECT_EQ(load().state, "/home/reef/.local/state/atoll");
}

TEST_F(ConfigLoadTest, StateFollowsAStoreThatWasGiven)
{
    sources_.flags = {{"store", "/srv/a/"}};
    EXPECT_EQ(load().state, "/srv/a.state");
    sources_.flags.push_back({"state", "/srv/b"});
    EXPECT_EQ(load().state, "/srv/b");
}

TEST_F(ConfigLoadTest, WithoutHomeTheStoreMustBeGiven)
{
    sources_.variables.clear();
    EXPECT_THAT(errors(),
        ElementsAre("default: store: expected a folder, since neither HOME nor XDG_CACHE_HOME is "
                    "set"));
    sources_.flags = {{"store", "/srv/a"}};
    EXPECT_EQ(load().store, "/srv/a");
}

TEST_F(ConfigLoadTest, OpenProxyIsRefusedWhereItIsConfigured)
{
    use_file("\nclient = '0.0.0.0:3128'\n");
    ASSERT_EQ(errors().size(), 1U);
    EXPECT_THAT(errors()[0], HasSubstr("atoll.toml:2: client: 0.0.0.0:3128 is open to other"));
    sources_.flags = {{"allow-client", "10.0.0.0/8"}};
    EXPECT_TRUE(errors().empty());
}

TEST_F(ConfigLoadTest, ListenersShareNoPort)
{
    sources_.flags = {{"client", "127.0.0.1:4128"}, {"admin", "0.0.0.0:4128"}};
    EXPECT_THAT(errors(),
        ElementsAre(HasSubstr("peer: 127.0.0.1:4128 is taken by client"),
            HasSubstr("--admin: 0.0.0.0:4128 is taken by client"),
            HasSubstr("--admin: 0.0.0.0:4128 is taken by peer")));
    sources_.flags = {{"client", "127.0.0.1:0"}, {"peer", "127.0.0.1:0"}, {"admin", "127.0.0.1:0"}};
    EXPECT_TRUE(errors().empty());
    sources_.flags = {{"client", "127.0.0.2:4128"}};
    EXPECT_TRUE(errors().empty());
}

TEST_F(ConfigLoadTest, AdvertisedPortIsTheOneListenedOn)
{
    sources_.flags = {{"peer", "0.0.0.0:4128"}, {"advertise", "192.0.2.1:5000"}};
    EXPECT_THAT(errors(),
        ElementsAre("command line: --advertise: expected port 4128, the port of peer, or 0, found "
                    "5000"));
    sources_.flags[1].text = "192.0.2.1:4128";
    EXPECT_TRUE(errors().empty());
    sources_.flags[1].text = "192.0.2.1:0";
    EXPECT_TRUE(errors().empty());
    sources_.flags = {{"peer", "0.0.0.0:0"}, {"advertise", "192.0.2.1:5000"}};
    EXPECT_EQ(errors().size(), 1U);
    sources_.flags[1].text = "0.0.0.0:0";
    EXPECT_THAT(errors(), ElementsAre(HasSubstr("an address that others can connect to")));
}

TEST_F(ConfigLoadTest, TheSecondPeerPortIsOfIpv6)
{
    sources_.flags = {{"peer", "0.0.0.0:4128"},
        {"peer6", "[::]:4128"},
        {"advertise6", "[2001:db8::1]:0"},
        {"join", "[2001:db8::7]:4128"},
        {"join", "192.0.2.1:4128"}};
    EXPECT_TRUE(errors().empty());
    sources_.flags = {{"peer6", "127.0.0.2:4128"}};
    EXPECT_THAT(errors(), ElementsAre(HasSubstr("--peer6: expected an IPv6 address")));
    sources_.flags = {{"peer", "[::1]:4128"}, {"peer6", "[::1]:4129"}};
    EXPECT_THAT(errors(), ElementsAre(HasSubstr("--peer6: peer is IPv6 already")));
    sources_.flags = {{"advertise6", "[2001:db8::1]:0"}};
    EXPECT_THAT(errors(), ElementsAre(HasSubstr("--advertise6: there is no peer6")));
    sources_.flags = {{"peer", "0.0.0.0:4128"}, {"advertise", "[2001:db8::1]:0"}};
    EXPECT_THAT(errors(), ElementsAre(HasSubstr("the same family as peer, 0.0.0.0:4128")));
    sources_.flags = {{"peer6", "[::1]:4129"}, {"join", "[2001:db8::7]:4128"}};
    EXPECT_THAT(errors(), ElementsAre(HasSubstr("cannot be reached from [::1]:4129: give peer6")));
    sources_.flags = {{"peer6", "[::1]:3128"}, {"client", "[::]:3128"}, {"allow-client", "::1"}};
    EXPECT_THAT(errors(), ElementsAre(HasSubstr("--peer6: [::1]:3128 is taken by client")));
}

TEST_F(ConfigLoadTest, PeerToJoinIsReachableFromWhereWeListen)
{
    sources_.flags = {{"join", "192.0.2.1:4128"}};
    EXPECT_THAT(errors(),
        ElementsAre(HasSubstr("--join: 192.0.2.1:4128 cannot be reached from 127.0.0.1:4128")));
    sources_.flags = {{"join", "192.0.2.1:4128"}, {"peer", "0.0.0.0:4128"}};
    EXPECT_TRUE(errors().empty());
    sources_.flags = {{"join", "[2001:db8::1]:4128"}, {"peer", "0.0.0.0:4128"}};
    EXPECT_EQ(errors().size(), 1U);
}

TEST_F(ConfigLoadTest, OriginsAreTellableByHost)
{
    sources_.flags = {{"origin", "http://a:8080"}, {"origin", "https://a:8080"}};
    EXPECT_THAT(
        errors(), ElementsAre(HasSubstr("https://a:8080 has the host and port of http://")));
    sources_.flags = {{"origin", "http://a"}, {"origin", "https://a"}};
    EXPECT_TRUE(errors().empty());
}

TEST_F(ConfigLoadTest, StateStaysOutOfTheStoresOwnFolder)
{
    sources_.flags = {{"store", "/srv/a/"}, {"state", "/srv/./a/"}};
    EXPECT_THAT(errors(), ElementsAre(HasSubstr("expected a folder other than the store's")));
}

}  // namespace
}  // namespace proxy
