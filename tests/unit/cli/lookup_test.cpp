#include "proxy/cli/lookup_text.hpp"
#include "tests/unit/cli/program.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace proxy {
namespace {

using testing::HasSubstr;

constexpr const char* report = R"({"key": "2fd4e1c67a2d28fced849ee1bb76e7391b93eb12",
"url": "http://example.com/a", "timed_out": false, "hops": 2, "queries": 4, "steps": [
{"node": "aaaaaaaa00", "address": "0.0.0.0:4128", "shared_bits": 1, "level": 2, "begun_ms": 0,
 "round_trip_ms": 0, "outcome": "closer", "pointers": 0, "nodes": 8, "full": false, "loaded": false},
{"node": "bbbbbbbb00", "address": "192.0.2.1:4128", "shared_bits": 3, "level": 2, "begun_ms": 0,
 "round_trip_ms": 12.34, "outcome": "closer", "pointers": 0, "nodes": 1, "full": true, "loaded": true},
{"node": "cccccccc00", "address": "192.0.2.2:4128", "shared_bits": 4, "level": 0, "begun_ms": 13,
 "round_trip_ms": null, "outcome": "silent", "pointers": 0, "nodes": 0, "full": false, "loaded": false},
{"node": "dddddddd00", "address": "192.0.2.3:4128", "shared_bits": 4, "level": 0, "begun_ms": 14,
 "round_trip_ms": null, "outcome": "skipped", "pointers": 0, "nodes": 0, "full": false, "loaded": false},
{"node": "eeeeeeee00", "address": "192.0.2.4:4128", "shared_bits": 9, "level": 0, "begun_ms": 15,
 "round_trip_ms": 2, "outcome": "values", "pointers": 1, "nodes": 0, "full": false, "loaded": false}],
"pointers": [{"address": "192.0.2.9:4128", "state": "complete", "life_seconds": 3412, "load": 7,
 "version": "00"}]})";

constexpr const char* ok = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n";

TEST(LookupTest, TableShowsTheWayHopByHop)
{
    const auto shown = lookup_text(report);
    ASSERT_TRUE(shown);
    EXPECT_EQ(*shown,
        "key 2fd4e1c67a2d28fced849ee1bb76e7391b93eb12 of http://example.com/a\n"
        "\n"
        "hop  node      address                level  shared bits  round trip  answer\n"
        "  0  aaaaaaaa  this peer                  2            1           -  8 nodes to ask\n"
        "  1  bbbbbbbb  192.0.2.1:4128             2            3     12.3 ms  1 node to ask, "
        "full, "
        "loaded\n"
        "  2  cccccccc  192.0.2.2:4128             0            4           -  timeout\n"
        "  3  dddddddd  192.0.2.3:4128             0            4           -  skipped\n"
        "  4  eeeeeeee  192.0.2.4:4128             0            9      2.0 ms  1 pointer\n"
        "\n"
        "1 pointer after 4 questions, 2 answers\n"
        "192.0.2.9:4128  complete, 3412 s left, load 7\n");
}

TEST(LookupTest, WhatIsNoLookupIsNotShown)
{
    for (const char* text :
        {"", "{", "[]", "{}", R"({"steps": []})", R"({"steps": 1, "pointers": 2})"}) {
        EXPECT_FALSE(lookup_text(text)) << text;
    }
    EXPECT_THAT(lookup_text(R"({"steps": [{}, 7], "pointers": [], "timed_out": true})").value(),
        HasSubstr("no pointer after 0 questions, 0 answers; the time was over"));
}

TEST(LookupTest, AsksTheAdminPortForAUrlOrAKeyAndPrintsEitherForm)
{
    scripted_peer peer{std::string{ok} + report};
    const std::string address = peer.address();
    const outcome shown =
        run_program({"lookup", "http://example.com/a?b=c&d#part", "--admin", address.c_str()});
    EXPECT_EQ(shown.exit, exit_ok) << shown.err;
    EXPECT_THAT(shown.out, HasSubstr("this peer"));
    EXPECT_EQ(peer.request(),
        "GET /v1/lookup?url=http%3A%2F%2Fexample.com%2Fa%3Fb%3Dc%26d HTTP/1.1\r\nHost: " + address +
            "\r\nConnection: close\r\n\r\n");

    scripted_peer again{std::string{ok} + report};
    const std::string other = again.address();
    const char* const key = "2FD4e1c67a2d28fced849ee1bb76e7391b93eb12";
    EXPECT_EQ(run_program({"lookup", "--json", key, "--admin", other.c_str()}).out, report);
    EXPECT_THAT(again.request(), HasSubstr("GET /v1/lookup?key=" + std::string{key} + " HTTP/1.1"));
}

TEST(LookupTest, WhatIsNeitherKeyNorUrlIsRefusedWithoutAskingAnybody)
{
    for (const char* wrong : {"example.com",
             "2fd4e1c67a2d28fced849ee1bb76e7391b93eb1",
             "2fd4e1c67a2d28fced849ee1bb76e7391b93eb1g",
             "ftp://example.com/",
             "http://exa mple.com/",
             ""}) {
        const outcome shown = run_program({"lookup", wrong, "--admin", "127.0.0.1:1"});
        EXPECT_EQ(shown.exit, exit_usage) << wrong;
        EXPECT_THAT(shown.err, HasSubstr("expected a URL such as")) << wrong;
    }
}

TEST(LookupTest, SaysThatNoPeerRunsOrThatItHasNoIndexOrRefuses)
{
    const outcome nobody = run_program({"lookup", "http://example.com/", "--admin", "127.0.0.1:1"});
    EXPECT_EQ(nobody.exit, exit_unreachable);
    EXPECT_THAT(nobody.err, HasSubstr("no peer answers there; start one with 'atoll run'"));
    struct refusal
    {
        const char* answer;
        const char* told;
        int exit;
    };
    for (const refusal& one : {
             refusal{"HTTP/1.1 503 x\r\n\r\n{\"error\": \"this peer has no index\"}",
                 "this peer has no index",
                 exit_failure},
             refusal{"HTTP/1.1 400 x\r\n\r\n{\"error\": \"expected\"}", "expected", exit_usage},
             refusal{"HTTP/1.1 404 x\r\n\r\nno", "not an atoll", exit_unreachable},
             refusal{"HTTP/1.1 200 x\r\n\r\nhi", "not an atoll", exit_unreachable},
         }) {
        const scripted_peer peer{one.answer};
        const std::string address = peer.address();
        const outcome shown =
            run_program({"lookup", "http://example.com/", "--admin", address.c_str()});
        EXPECT_EQ(shown.exit, one.exit) << one.answer;
        EXPECT_THAT(shown.err, HasSubstr(one.told));
        EXPECT_TRUE(shown.out.empty());
    }
}

}  // namespace
}  // namespace proxy
