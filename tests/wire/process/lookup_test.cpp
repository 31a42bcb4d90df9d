// `atoll lookup`, against peers that run: what a person sees who wonders who holds a URL.

#include "tests/support/eventually.hpp"
#include "tests/support/http_client.hpp"
#include "tests/support/reef.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/support/test_origin.hpp"

#include <boost/json/parse.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace proxy {
namespace {

using testing::HasSubstr;

constexpr std::chrono::seconds patience{20};

class LookupProcessTest : public testing::Test
{
protected:
    support::reef start(std::size_t peers, bool cooperate)
    {
        support::reef_options options;
        options.directory = directory_.path();
        options.peers = peers;
        options.cooperate = cooperate;
        return support::reef{options};
    }

    static support::run_result look_up(const support::atoll_peer& at, const std::string& what)
    {
        support::command wanted;
        wanted.program = support::atoll_program();
        wanted.arguments = {
            "lookup", "--json", what, "--admin", "127.0.0.1:" + std::to_string(at.admin().port())};
        return support::run(wanted, patience);
    }

    // Asks once; a datagram that is late on a busy machine is no answer.
    static bool finds_one(
        const support::atoll_peer& at, const std::string& what, boost::json::value& report)
    {
        const support::run_result shown = look_up(at, what);
        EXPECT_EQ(shown.status.code, 0) << shown.errors;
        report = shown.status.code == 0 ? boost::json::parse(shown.output) : boost::json::value();
        return shown.status.code == 0 && report.at("pointers").as_array().size() == 1;
    }

    support::temporary_directory directory_;
};

TEST_F(LookupProcessTest, FindsThePeerThatHasFetchedTheUrl)
{
    support::reef peers = start(3, true);
    support::test_origin origin;
    support::origin_route route;
    route.body = "body";
    origin.serve("/file", route);
    const std::string url = "http://" + origin.authority() + "/file";
    const auto fetched = support::http_client(peers.at(1).client())
                             .exchange(support::forward_request(origin.authority(), "/file"));
    ASSERT_TRUE(fetched);
    // The announcement is on its way for some round trips.
    boost::json::value report;
    ASSERT_TRUE(support::eventually([&] { return finds_one(peers.at(2), url, report); })) << report;
    EXPECT_EQ(report.at_pointer("/pointers/0/address").as_string(),
        "127.0.0.1:" + std::to_string(peers.at(1).peer().port()));
    EXPECT_EQ(report.at_pointer("/steps/0/round_trip_ms").as_double(), 0.0) << "hop 0 is the peer";
    const boost::json::array& steps = report.at("steps").as_array();
    EXPECT_TRUE(std::any_of(steps.begin(), steps.end(), [](const boost::json::value& step) {
        return step.at("outcome").as_string() == "values";
    })) << report;
    const std::string key{report.at("key").as_string()};
    EXPECT_TRUE(support::eventually([&] { return finds_one(peers.at(0), key, report); })) << report;
}

TEST_F(LookupProcessTest, SaysThatThereIsNoIndexOrThatTheUrlIsRefused)
{
    support::reef alone = start(1, false);
    const support::run_result shown = look_up(alone.at(0), "http://example.com/");
    EXPECT_EQ(shown.status.code, 1);
    EXPECT_THAT(shown.errors, HasSubstr("no index"));
    EXPECT_EQ(look_up(alone.at(0), "example.com").status.code, 2);
}

}  // namespace
}  // namespace proxy
