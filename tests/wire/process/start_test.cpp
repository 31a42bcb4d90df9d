// Starting and ending: what a person at the terminal or a service manager sees.

#include "tests/support/atoll_peer.hpp"
#include "tests/support/free_port.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/support/text_file.hpp"

#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>

#include <csignal>

namespace proxy {
namespace {

constexpr int configuration_error = 78;  // EX_CONFIG of sysexits.h
constexpr std::chrono::seconds patience{20};

class StartTest : public testing::Test
{
protected:
    support::atoll_peer_options options(const std::string& name) const
    {
        support::atoll_peer_options result;
        result.directory = directory_.path() / name;
        return result;
    }

    support::run_result failing_start(const support::atoll_peer_options& options) const
    {
        return support::run(support::command_for(options), patience);
    }

    static bool says(const support::run_result& result, std::string_view text)
    {
        return result.errors.find(text) != std::string::npos;
    }

    support::temporary_directory directory_;
};

TEST_F(StartTest, EndsWithZeroOnSigtermAndOnCtrlC)
{
    for (const int number : {SIGTERM, SIGINT}) {
        support::atoll_peer peer(options("peer"));
        peer.program().signal(number);
        const std::optional<support::exit_status> status = peer.program().wait(patience);
        ASSERT_TRUE(status.has_value());
        EXPECT_TRUE(status->success()) << "signal " << number << '\n' << peer.log();
    }
}

TEST_F(StartTest, PortInUseIsSaidAndNothingIsServed)
{
    const support::atoll_peer first(options("first"));
    support::atoll_peer_options second = options("second");
    second.client_port = first.client().port();
    const support::run_result result = failing_start(second);
    EXPECT_GT(result.status.code, 0) << "signal " << result.status.signal;
    EXPECT_NE(result.errors.find(std::to_string(second.client_port)), std::string::npos)
        << result.errors;
}

// Half of the pair is taken: the index could not be reached, although the listener could be opened.
TEST_F(StartTest, UdpPortInUseIsSaidWithItsFlag)
{
    boost::asio::io_context context;
    support::run_result result;
    std::string place;
    // Another process may have the TCP port of the same number for a connection just now.
    for (int tries = 0; tries == 0 || (tries < 5 && says(result, "cannot listen on " + place));
         ++tries) {
        const boost::asio::ip::udp::socket taken(
            context, {boost::asio::ip::make_address("127.0.0.1"), 0});
        support::atoll_peer_options wrong = options("peer");
        wrong.peer_port = taken.local_endpoint().port();
        place = "127.0.0.1:" + std::to_string(wrong.peer_port);
        result = failing_start(wrong);
    }
    EXPECT_GT(result.status.code, 0) << "signal " << result.status.signal;
    EXPECT_TRUE(says(result, "UDP port of " + place + " (--peer)")) << result.errors;
}

TEST_F(StartTest, StoreThatIsAFileIsRefused)
{
    support::atoll_peer_options wrong = options("peer");
    support::write_file(wrong.directory / "store", "a file");
    const support::run_result result = failing_start(wrong);
    EXPECT_GT(result.status.code, 0) << "signal " << result.status.signal;
    EXPECT_NE(result.errors.find("not a folder"), std::string::npos) << result.errors;
    EXPECT_EQ(support::read_file(wrong.directory / "store"), "a file");
}

TEST_F(StartTest, StoreOfARunningPeerIsRefused)
{
    const support::atoll_peer first(options("shared"));
    const support::run_result result = failing_start(options("shared"));
    EXPECT_GT(result.status.code, 0) << "signal " << result.status.signal;
    EXPECT_NE(result.errors.find("store"), std::string::npos) << result.errors;
}

TEST_F(StartTest, UnknownKeyOfTheConfigurationIsNamedWithFileAndLine)
{
    const std::filesystem::path file = directory_.path() / "atoll.toml";
    support::write_file(file, "# comment\nnonsense = 1\n");
    support::atoll_peer_options wrong = options("peer");
    wrong.more_arguments = {"--config", file};
    const support::run_result result = failing_start(wrong);
    EXPECT_EQ(result.status.code, configuration_error);
    EXPECT_NE(result.errors.find(file.string() + ":2"), std::string::npos) << result.errors;
    EXPECT_NE(result.errors.find("nonsense"), std::string::npos) << result.errors;
}

TEST_F(StartTest, UnreadableConfigurationIsAnError)
{
    support::atoll_peer_options wrong = options("peer");
    wrong.more_arguments = {"--config", directory_.path() / "missing.toml"};
    const support::run_result result = failing_start(wrong);
    EXPECT_EQ(result.status.code, configuration_error);
    EXPECT_NE(result.errors.find("missing.toml"), std::string::npos) << result.errors;
}

TEST_F(StartTest, AdminPortShowsHealthAndNumbers)
{
    const support::atoll_peer peer(options("peer"));
    EXPECT_FALSE(peer.admin_page("/livez").empty());
    EXPECT_NE(peer.admin_page("/metrics").find("atoll_requests_total"), std::string::npos);
    EXPECT_EQ(peer.admin_page("/v1/status").substr(0, 1), "{");
}

}  // namespace
}  // namespace proxy
