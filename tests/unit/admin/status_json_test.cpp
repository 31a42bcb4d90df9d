#include "proxy/admin/status_json.hpp"

#include "tests/unit/admin/sample_report.hpp"

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

namespace proxy {
namespace {

namespace json = boost::json;

TEST(StatusJsonTest, SaysWhatThePeerHoldsKnowsAndHasSpared)
{
    const json::value status = json::parse(status_json(sample_report()));
    EXPECT_EQ(status.at("version"), ATOLL_VERSION);
    EXPECT_EQ(status.at("uptime_seconds"), 61);
    EXPECT_EQ(status.at("ready"), true);
    EXPECT_EQ(status.at("addresses").at("client"), "127.0.0.1:3128");
    EXPECT_TRUE(status.at("addresses").at("advertised").is_null());
    EXPECT_EQ(status.at("peers").at("known"), 2);
    EXPECT_EQ(status.at("peers").at("contacts").at(0).at("address"), "127.0.0.1:5000");
    EXPECT_EQ(status.at("peers").at("contacts").at(0).at("round_trip_ms"), 1.25);
    EXPECT_EQ(status.at("peers").at("contacts").at(1).at("address"), "[::1]:5001");
    EXPECT_TRUE(status.at("peers").at("contacts").at(1).at("round_trip_ms").is_null());
    EXPECT_EQ(status.at("peers").at("contacts").at(0).at("shared_bits"), 4);
    EXPECT_EQ(status.at("peers").at("contacts").at(0).at("failures"), 1);
    const json::value& busy = status.at("index").at("busy_keys");
    EXPECT_EQ(busy.at(0).at("key"), "cd");
    EXPECT_EQ(busy.at(0).at("requests"), 120);
    EXPECT_EQ(busy.at(0).at("root"), true);
    EXPECT_EQ(busy.at(1).at("root"), false);
    EXPECT_EQ(status.at("index").at("dropped").at("malformed"), 2);
    const json::value& level = status.at("index").at("levels").at(0);
    EXPECT_EQ(level.at("level"), 2);
    EXPECT_EQ(level.at("bound_ms"), 20);
    EXPECT_EQ(level.at("cluster"), "0a0b");
    EXPECT_EQ(level.at("size"), 4.5);
    EXPECT_EQ(level.at("age_seconds"), 90);
    EXPECT_EQ(level.at("members"), 3);
    EXPECT_EQ(level.at("members_near"), 2);
    EXPECT_EQ(level.at("values"), 1);
    EXPECT_EQ(level.at("moves"), 5);
    EXPECT_EQ(status.at("store").at("state"), "open");
    EXPECT_EQ(status.at("store").at("limit_bytes"), 1 << 30);
    EXPECT_EQ(status.at("requests").at("total"), 8);
    EXPECT_EQ(status.at("bytes_to_client").at("memory"), 6'000);
    EXPECT_EQ(status.at("origin").at("requests"), 2);
    EXPECT_EQ(status.at("origin").at("bytes"), 2'000);
    EXPECT_EQ(status.at("offload").at("bytes"), 0.75);
}

TEST(StatusJsonTest, WithoutPeersAndTrafficItIsStillWhole)
{
    const json::value status = json::parse(status_json(node_report{}));
    EXPECT_EQ(status.at("peers").at("enabled"), false);
    EXPECT_EQ(status.at("peers").at("contacts"), json::array{});
    EXPECT_TRUE(status.at("index").is_null());
    EXPECT_TRUE(status.at("offload").at("bytes").is_null());
    EXPECT_EQ(status.at("ready"), false);
}

}  // namespace
}  // namespace proxy
