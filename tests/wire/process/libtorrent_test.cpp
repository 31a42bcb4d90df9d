// A node of BitTorrent's table (libtorrent) that knows one of our peers and nobody else. With
// --plain-krpc they are one network; without it nothing passes.

#include "tests/support/atoll_peer.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/http_client.hpp"
#include "tests/support/process.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/support/test_origin.hpp"
#include "tests/wire/process/looked_up.hpp"

#include <gtest/gtest.h>

#include <boost/json/value.hpp>

#include <memory>
#include <string>
#include <vector>

namespace proxy {
namespace {

using support::atoll_peer;
using namespace std::chrono_literals;

constexpr auto patience = 60s;
constexpr const char* info_hash = "0123456789abcdef0123456789abcdef01234567";

class LibtorrentTest : public testing::Test
{
protected:
    std::unique_ptr<atoll_peer> start(bool plain)
    {
        support::atoll_peer_options options;
        options.directory = directory_.path() / "peer";
        if (plain) {
            options.more_arguments = {"--plain-krpc"};
        }
        auto peer = std::make_unique<atoll_peer>(options);
        EXPECT_TRUE(support::eventually([&] { return peer->metric("atoll_store_open") == 1; }));
        return peer;
    }

    // Another implementation, at an address of its own.
    std::unique_ptr<support::process> stranger(const std::string& address,
        const atoll_peer& through,
        std::vector<std::string> arguments = {})
    {
        support::command what;
        what.program = "/usr/bin/python3";  // the one that Debian's package is for
        what.arguments = {ATOLL_SOURCE_DIR "/tests/wire/data/libtorrent_node.py",
            "--listen",
            address,
            "--through",
            text_of(through),
            "--folder",
            directory_.path()};
        what.arguments.insert(what.arguments.end(), arguments.begin(), arguments.end());
        what.errors = directory_.path() / address;
        return std::make_unique<support::process>(what);
    }

    static std::string text_of(const atoll_peer& peer)
    {
        return "127.0.0.1:" + std::to_string(peer.peer().port());
    }

    static bool tells(support::process& one, const std::string& line)
    {
        const bool is_told = one.wait_for_line(line, patience).has_value();
        EXPECT_TRUE(is_told) << line << "\n" << one.log();
        return is_told;
    }

    support::temporary_directory directory_;
    support::test_origin origin_;
};

TEST_F(LibtorrentTest, JoinsAnnouncesAndFindsThroughAPlainPeer)
{
    const auto peer = start(true);
    const auto seeder = stranger("127.0.0.2", *peer, {"--announce", info_hash});
    ASSERT_TRUE(tells(*seeder, "table " + text_of(*peer)));
    const std::string listens = seeder->wait_for_line("listens ", patience).value_or("");
    const std::string seeder_at = listens.substr(listens.find(' ') + 1);

    // What it has announced is stored here, and found by our own search.
    EXPECT_TRUE(support::eventually([&] {
        return support::is_named(*peer, "key=" + std::string{info_hash}, seeder_at);
    })) << seeder->log();

    // One that knows us alone finds it.
    const auto leecher = stranger("127.0.0.3", *peer, {"--find", info_hash});
    EXPECT_TRUE(tells(*leecher, "found " + seeder_at));

    // And what we have announced ourselves.
    support::origin_route route;
    route.body = "ours";
    origin_.serve("/file", route);
    const auto answer = support::http_client(peer->client())
                            .exchange(support::forward_request(origin_.authority(), "/file"));
    ASSERT_TRUE(answer && answer->body == "ours");
    const boost::json::value report = support::looked_up(*peer, "url=" + origin_.url("/file"));
    ASSERT_TRUE(report.is_object());
    const std::string key{report.at("key").as_string()};
    const auto other = stranger("127.0.0.4", *peer, {"--find", key});
    EXPECT_TRUE(tells(*other, "found " + text_of(*peer)));
}

TEST_F(LibtorrentTest, LearnsNothingFromAPeerThatIsNotPlain)
{
    const auto peer = start(false);
    const auto seeder = stranger("127.0.0.2", *peer, {"--announce", info_hash});
    const auto leecher = stranger("127.0.0.3", *peer, {"--find", info_hash});
    for (support::process* const one : {seeder.get(), leecher.get()}) {
        ASSERT_TRUE(tells(*one, "asked 20 times"));
        EXPECT_EQ(one->log().find("table "), std::string::npos) << one->log();
        EXPECT_EQ(one->log().find("found "), std::string::npos) << one->log();
    }
    EXPECT_GT(peer->metric("atoll_index_dropped_total{reason=\"other_network\"}"), 0);
    EXPECT_EQ(peer->metric("atoll_routing_table_size"), 0);
    EXPECT_EQ(peer->metric("atoll_index_values"), 0);
}

}  // namespace
}  // namespace proxy
