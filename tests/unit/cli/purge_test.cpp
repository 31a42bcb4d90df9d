#include "tests/unit/cli/program.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace proxy {
namespace {

using testing::HasSubstr;

constexpr const char* done = "HTTP/1.1 200 OK\r\n\r\n{\"memory\":1,\"disk\":2}\n";

TEST(PurgeTest, AsksTheAdminPortAndSaysHowMuchItWas)
{
    struct
    {
        std::vector<const char*> arguments;
        const char* request_line;
        const char* told;
    } const cases[] = {
        {{"http://example.com/a?b#part"},
            "POST /v1/purge?url=http%3A%2F%2Fexample.com%2Fa%3Fb HTTP/1.1\r\n",
            "purged: 1 in memory, 2 on disk\n"},
        {{"--host", "example.com"},
            "POST /v1/purge?host=example.com HTTP/1.1\r\n",
            "purged: 1 in memory, 2 on disk\n"},
        {{"--tag", "a b", "--soft"},
            "POST /v1/purge?tag=a%20b&soft HTTP/1.1\r\n",
            "out of date now: 1 in memory, 2 on disk\n"},
    };
    for (const auto& one : cases) {
        scripted_peer peer{done};
        const std::string address = peer.address();
        std::vector<const char*> arguments = {"purge", "--admin", address.c_str()};
        arguments.insert(arguments.end(), one.arguments.begin(), one.arguments.end());
        const outcome shown = run_program(arguments);
        EXPECT_EQ(shown.exit, exit_ok) << shown.err;
        EXPECT_EQ(shown.out, one.told);
        EXPECT_THAT(peer.request(), HasSubstr(one.request_line));
    }
}

TEST(PurgeTest, WantsExactlyOneOfTheThree)
{
    for (const std::vector<const char*>& wrong : {std::vector<const char*>{},
             {"--soft"},
             {"example.com"},
             {"ftp://example.com/"},
             {"http://example.com/", "--host", "example.com"},
             {"--tag", "a", "--host", "b"}}) {
        std::vector<const char*> arguments = {"purge", "--admin", "127.0.0.1:1"};
        arguments.insert(arguments.end(), wrong.begin(), wrong.end());
        const outcome shown = run_program(arguments);
        EXPECT_EQ(shown.exit, exit_usage);
        EXPECT_THAT(shown.err, HasSubstr("expected one of a URL"));
    }
}

TEST(PurgeTest, SaysWhatThePeerRefuses)
{
    struct refusal
    {
        const char* answer;
        const char* told;
        int exit;
    };
    for (const refusal& one : {
             refusal{"HTTP/1.1 503 x\r\n\r\n{\"error\": \"the store\"}", "the store", exit_failure},
             refusal{"HTTP/1.1 400 x\r\n\r\n{\"error\": \"expected\"}", "expected", exit_usage},
             refusal{"HTTP/1.1 404 x\r\n\r\nno", "not an atoll", exit_unreachable},
             refusal{"HTTP/1.1 200 x\r\n\r\n{}", "not an atoll", exit_unreachable},
         }) {
        const scripted_peer peer{one.answer};
        const std::string address = peer.address();
        const outcome shown = run_program({"purge", "--tag", "a", "--admin", address.c_str()});
        EXPECT_EQ(shown.exit, one.exit) << one.answer;
        EXPECT_THAT(shown.err, HasSubstr(one.told));
    }
}

}  // namespace
}  // namespace proxy
