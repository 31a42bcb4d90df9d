#include "proxy/cli/status_text.hpp"
#include "tests/unit/cli/program.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace proxy {
namespace {

using testing::HasSubstr;

constexpr const char* report = R"({
"version": "0.1.0", "uptime_seconds": 3723, "network": "lab", "ready": true,
"addresses": {"client": "127.0.0.1:3128", "peer": "127.0.0.1:4128", "admin": "127.0.0.1:9128"},
"peers": {"enabled": true, "known": 1, "contacts": [{"address": "192.0.2.1:4128", "round_trip_ms": 1.25, "shared_bits": 3, "failures": 0}]},
"index": {"network_size": 5.4, "values": 7, "announcements": 12,
"addresses": [{"address": "192.0.2.9:4128", "reached": "open"}],
"busy_keys": [{"key": "c0de", "requests": 34, "root": true}, {"key": "f00d", "requests": 1, "root": false}], "dropped": {"malformed": 2, "unmatched": 0}, "levels": [
{"level": 2, "bound_ms": 20, "cluster": "0a0b", "members": 3, "size": 4.4}]},
"store": {"bytes": 43201331, "limit_bytes": 10737418240, "objects": 12, "state": "open"},
"memory": {"bytes": 100, "limit_bytes": 268435456, "objects": 1},
"requests": {"memory": 5, "disk": 0, "peer": 2, "origin": 1, "none": 0, "total": 8},
"bytes_to_client": {"memory": 2048, "disk": 0, "peer": 0, "origin": 0, "none": 0, "total": 2048},
"origin": {"requests": 1, "bytes": 512}, "peers_served": {"requests": 0, "bytes": 0},
"offload": {"bytes": 0.75, "requests": 0.875}})";

TEST(StatusTest, TableShowsWhatTheReportSays)
{
    const auto shown = status_text(report);
    ASSERT_TRUE(shown);
    EXPECT_EQ(*shown,
        "atoll 0.1.0, up 1 h 2 min, ready, network lab\n"
        "\n"
        "clients  127.0.0.1:3128\n"
        "peers    127.0.0.1:4128, 1 known\n"
        "store    41.2 MiB of 10.0 GiB, 12 objects, open\n"
        "memory   100 B of 256.0 MiB, 1 object\n"
        "index    network of about 5, 7 pointers kept for others, 12 announced\n"
        "seen at  192.0.2.9:4128, open\n"
        "key      c0de: 34 requests in a minute, nobody closer known\n"
        "key      f00d: 1 request in a minute\n"
        "level 2  within 20 ms: cluster 0a0b, 3 known of about 4\n"
        "dropped  2 datagrams, malformed\n"
        "\n"
        "source        requests    to clients\n"
        "memory               5       2.0 KiB\n"
        "disk                 0           0 B\n"
        "peer                 2           0 B\n"
        "origin               1           0 B\n"
        "none                 0           0 B\n"
        "total                8       2.0 KiB\n"
        "\n"
        "origins were asked 1 time for 512 B; peers were given 0 B\n"
        "offload so far: 75.0 % of bytes, 87.5 % of requests\n"
        "\n"
        "known peer                        round trip  shared bits    silent\n"
        "192.0.2.1:4128                        1.2 ms            3         0\n");
}

TEST(StatusTest, WhatIsMissingInTheReportIsShownAsUnknown)
{
    const auto shown = status_text(R"({"version": "9", "offload": {"bytes": null}, "peers": 7})");
    ASSERT_TRUE(shown);
    EXPECT_THAT(*shown, HasSubstr("offload so far: not yet known of bytes"));
}

TEST(StatusTest, OtherJsonIsNoReport)
{
    for (const char* text : {"", "{", "[]", "3", "{\"version\": 3}", "<html>"}) {
        EXPECT_FALSE(status_text(text)) << text;
    }
}

TEST(StatusTest, SizesAreReadable)
{
    EXPECT_EQ(readable_octets(1023), "1023 B");
    EXPECT_EQ(readable_octets(1024), "1.0 KiB");
    EXPECT_EQ(readable_octets(~0ULL), "16384.0 PiB");
}

TEST(StatusTest, AsksTheAdminPortAndPrintsEitherForm)
{
    const std::string answer = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n";
    scripted_peer peer{answer + report};
    const std::string address = peer.address();
    const outcome shown = run_program({"status", "--admin", address.c_str()});
    EXPECT_EQ(shown.exit, exit_ok) << shown.err;
    EXPECT_THAT(shown.out, HasSubstr("offload so far: 75.0 %"));
    EXPECT_EQ(peer.request(),
        "GET /v1/status HTTP/1.1\r\nHost: " + address + "\r\nConnection: close\r\n\r\n");

    const scripted_peer again{answer + report};
    const std::string other = again.address();
    EXPECT_EQ(run_program({"status", "--json", "--admin", other.c_str()}).out,
        std::string{report} + "\n");
}

TEST(StatusTest, AnotherServiceOnThatPortIsNoPeer)
{
    for (const char* answer : {"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n",
             "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
             "220 mail.example.com ESMTP\r\n"}) {
        const scripted_peer peer{answer};
        const std::string address = peer.address();
        const outcome shown = run_program({"status", "--admin", address.c_str()});
        EXPECT_EQ(shown.exit, exit_unreachable);
        EXPECT_TRUE(shown.out.empty());
        EXPECT_FALSE(shown.err.empty());
    }
}

}  // namespace
}  // namespace proxy
