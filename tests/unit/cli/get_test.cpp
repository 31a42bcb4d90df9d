#include "tests/unit/cli/program.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

namespace proxy {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

outcome get_from(const scripted_peer& peer, std::vector<const char*> arguments)
{
    const std::string address = peer.address();
    arguments.insert(arguments.begin(), {"get", "--client", address.c_str()});
    return run_program(arguments);
}

std::string response(const std::string& status, const std::string& fields, const std::string& body)
{
    return "HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
           fields + "\r\n" + body;
}

TEST(GetTest, WritesTheBodyAndSaysWhereItCameFrom)
{
    scripted_peer peer{
        response("200 OK", "Cache-Status: far;hit, near;fwd=uri-miss;detail=peer\r\n", "coral")};
    const outcome got = get_from(peer, {"http://www.example.com/reef?x#part"});
    EXPECT_EQ(got.exit, exit_ok) << got.err;
    EXPECT_EQ(got.out, "coral");
    EXPECT_THAT(got.err, StartsWith("5 bytes in "));
    EXPECT_THAT(got.err, HasSubstr(" ms from another peer\n"));
    EXPECT_THAT(got.err, HasSubstr("Cache-Status: far;hit, near;fwd=uri-miss;detail=peer\n"));
    EXPECT_THAT(peer.request(), StartsWith("GET http://www.example.com/reef?x HTTP/1.1\r\n"));
}

TEST(GetTest, ChunkedBodyAfterAnInterimResponseIsWhole)
{
    const scripted_peer peer{
        "HTTP/1.1 102 Processing\r\n\r\n"
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"};
    EXPECT_EQ(get_from(peer, {"http://a/"}).out, "abcde");
}

TEST(GetTest, ShortBodyIsAnIntegrityFailureAndLeavesNoFile)
{
    const std::string file = testing::TempDir() + "atoll_get_" + std::to_string(::getpid());
    const scripted_peer peer{"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort"};
    const outcome got = get_from(peer, {"-o", file.c_str(), "http://a/"});
    EXPECT_EQ(got.exit, exit_integrity);
    EXPECT_THAT(got.err, HasSubstr("inside the body"));
    EXPECT_FALSE(std::filesystem::exists(file));
    EXPECT_FALSE(std::filesystem::exists(file + ".part"));
}

TEST(GetTest, FileHoldsTheBody)
{
    const std::string file = testing::TempDir() + "atoll_get_" + std::to_string(::getpid());
    const scripted_peer peer{response("200 OK", "", std::string(300'000, 'x'))};
    const outcome got = get_from(peer, {"-o", file.c_str(), "http://a/"});
    EXPECT_EQ(got.exit, exit_ok) << got.err;
    EXPECT_EQ(got.out, "");
    EXPECT_EQ(std::filesystem::file_size(file), 300'000U);
    std::filesystem::remove(file);
}

// "-o /dev/null" is an everyday use: as root, a rename over it would take it from the machine.
TEST(GetTest, WhatIsNoRegularFileIsWrittenToAndNotReplaced)
{
    const std::string pipe = testing::TempDir() + "atoll_get_pipe_" + std::to_string(::getpid());
    ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
    const int reader = ::open(pipe.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    ASSERT_NE(reader, -1);
    const scripted_peer peer{response("200 OK", "", "coral")};
    const outcome got = get_from(peer, {"-o", pipe.c_str(), "http://a/"});
    std::string arrived(16, '\0');
    const ssize_t octets = ::read(reader, arrived.data(), arrived.size());
    ::close(reader);
    EXPECT_EQ(got.exit, exit_ok) << got.err;
    EXPECT_TRUE(std::filesystem::is_fifo(pipe));
    EXPECT_FALSE(std::filesystem::exists(pipe + ".part"));
    ASSERT_EQ(octets, 5);
    EXPECT_EQ(arrived.substr(0, 5), "coral");
    std::filesystem::remove(pipe);
}

TEST(GetTest, LinkStaysAndItsFileHoldsTheBody)
{
    const std::string file = testing::TempDir() + "atoll_get_" + std::to_string(::getpid());
    const std::string link = file + ".link";
    std::ofstream{file} << "old";
    std::filesystem::create_symlink(file, link);
    const scripted_peer peer{response("200 OK", "", "coral")};
    EXPECT_EQ(get_from(peer, {"-o", link.c_str(), "http://a/"}).exit, exit_ok);
    EXPECT_TRUE(std::filesystem::is_symlink(link));
    EXPECT_EQ(std::filesystem::file_size(file), 5U);
    std::filesystem::remove(link);
    std::filesystem::remove(file);
}

TEST(GetTest, FileThatCannotBeWrittenIsOurFailure)
{
    const scripted_peer peer{response("200 OK", "", "x")};
    EXPECT_EQ(get_from(peer, {"-o", "/no/such/folder/file", "http://a/"}).exit, exit_failure);
}

TEST(GetTest, EachStatusHasItsExitCode)
{
    struct expectation
    {
        const char* status;
        std::vector<const char*> arguments;
        int exit;
    };
    const std::vector<expectation> cases{
        {"404 Not Found", {"http://a/"}, exit_upstream},
        {"502 Bad Gateway", {"http://a/"}, exit_upstream},
        {"504 Gateway Timeout", {"http://a/"}, exit_timeout},
        {"504 Gateway Timeout", {"--only-if-cached", "http://a/"}, exit_not_cached},
        {"301 Moved Permanently", {"http://a/"}, exit_upstream},
    };
    for (const expectation& expected : cases) {
        const scripted_peer peer{response(expected.status, "Location: http://b/\r\n", "sorry")};
        const outcome got = get_from(peer, expected.arguments);
        EXPECT_EQ(got.exit, expected.exit) << expected.status << got.err;
        EXPECT_EQ(got.out, "");
    }
}

TEST(GetTest, OnlyIfCachedIsAskedOfThePeer)
{
    scripted_peer peer{response("200 OK", "", "x")};
    get_from(peer, {"--only-if-cached", "http://a/"});
    EXPECT_THAT(peer.request(), HasSubstr("\r\nCache-Control: only-if-cached\r\n"));
}

TEST(GetTest, SilentPeerIsATimeoutBeforeAndInsideTheBody)
{
    const scripted_peer mute{"", false};
    EXPECT_EQ(get_from(mute, {"--timeout", "20ms", "http://a/"}).exit, exit_timeout);
    const scripted_peer stuck{"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nx", false};
    EXPECT_EQ(get_from(stuck, {"--timeout", "20ms", "http://a/"}).exit, exit_timeout);
}

TEST(GetTest, AnswerThatIsNotHttpIsNoBody)
{
    const scripted_peer peer{"SSH-2.0-OpenSSH\r\n\r\n"};
    EXPECT_EQ(get_from(peer, {"http://a/"}).exit, exit_upstream);
    const scripted_peer gone{""};
    EXPECT_EQ(get_from(gone, {"http://a/"}).exit, exit_upstream);
}

TEST(GetTest, WithoutAPeerItSaysHowToStartOne)
{
    std::string address;
    {
        boost::asio::io_context context;
        const boost::asio::ip::tcp::acceptor closed{
            context, {boost::asio::ip::address_v4::loopback(), 0}};
        address = "127.0.0.1:" + std::to_string(closed.local_endpoint().port());
    }
    const outcome got = run_program({"get", "--client", address.c_str(), "http://a/"});
    EXPECT_EQ(got.exit, exit_unreachable);
    EXPECT_THAT(got.err, HasSubstr("atoll run"));
    EXPECT_EQ(run_program({"status", "--admin", address.c_str()}).exit, exit_unreachable);
}

}  // namespace
}  // namespace proxy
