// The configuration is read again at SIGHUP and by POST /v1/reload: what can change does, no
// connection is dropped, and a file that cannot be read changes nothing.

#include "tests/support/eventually.hpp"
#include "tests/support/http_client.hpp"
#include "tests/support/test_origin.hpp"
#include "tests/support/text_file.hpp"
#include "tests/wire/process/one_peer.hpp"

#include <csignal>

namespace proxy {
namespace {

class ReloadTest : public testing::Test
{
protected:
    ReloadTest()
    {
        support::origin_route page;
        page.body = "<one>";
        page.cache_control = "no-store";
        one_.serve("/", page);
        page.body = "<two>";
        two_.serve("/", page);
        configure(one_);
        support::atoll_peer_options options;
        options.directory = directory_.path() / "peer";
        options.use_peers = false;
        options.allow_loopback_targets = false;
        options.more_arguments = {"--config", file_};
        peer_ = std::make_unique<support::atoll_peer>(options);
    }

    void configure(const support::test_origin& front_of, const std::string& more = "")
    {
        support::write_file(file_, "origin = [\"http://" + front_of.authority() + "\"]\n" + more);
    }

    static support::http_request page()
    {
        support::http_request request;
        request.target = "/";
        request.fields.emplace_back("Host", "127.0.0.1");
        return request;
    }

    support::http_response reload(const std::string& method = "POST")
    {
        support::http_request request;
        request.method = method;
        request.target = "/v1/reload";
        request.fields.emplace_back("Host", "localhost");
        const auto answer = support::http_client(peer_->admin()).exchange(request);
        EXPECT_TRUE(answer);
        return answer ? *answer : support::http_response();
    }

    support::temporary_directory directory_;
    std::filesystem::path file_ = directory_.path() / "atoll.toml";
    support::test_origin one_;
    support::test_origin two_;
    std::unique_ptr<support::atoll_peer> peer_;
};

TEST_F(ReloadTest, HangupChangesTheRouteOfAConnectionThatStays)
{
    support::raw_connection client(peer_->client());
    const std::string request = page().text();
    client.send(request);
    EXPECT_TRUE(client.read_until(">").ends_with("<one>"));
    configure(two_);
    ASSERT_EQ(kill(peer_->program().id(), SIGHUP), 0);
    const bool changed = support::eventually([&] {
        client.send(request);
        return client.read_until(">").ends_with("<two>");
    });
    EXPECT_TRUE(changed) << peer_->log();
    EXPECT_NE(peer_->log().find("changed [origin], needs a restart []"), std::string::npos);
}

TEST_F(ReloadTest, WhatCannotChangeIsNamed)
{
    configure(two_, "memory = \"32MiB\"\nnetwork = \"other\"\nallow-purge = [\"192.0.2.0/24\"]\n");
    const support::http_response answer = reload();
    EXPECT_EQ(answer.status, 200U);
    // The flags of the command line win over the file: memory and network stay.
    EXPECT_EQ(answer.body, "{\"changed\":[\"origin\",\"allow-purge\"],\"needs_restart\":[]}\n");
    configure(two_, "threads = 7\n");
    EXPECT_EQ(reload().body, "{\"changed\":[\"allow-purge\"],\"needs_restart\":[\"threads\"]}\n");
    EXPECT_EQ(reload().body, "{\"changed\":[],\"needs_restart\":[\"threads\"]}\n");
}

TEST_F(ReloadTest, BadFileChangesNothingAndSaysWhy)
{
    support::write_file(file_, "origin = [\"http://" + two_.authority() + "\"]\n\nstoer = 7\n");
    const support::http_response answer = reload();
    EXPECT_EQ(answer.status, 400U);
    EXPECT_NE(answer.body.find("atoll.toml:3: stoer"), std::string::npos) << answer.body;
    ASSERT_EQ(kill(peer_->program().id(), SIGHUP), 0);
    EXPECT_TRUE(support::eventually([&] {
        const std::string log = peer_->log();
        const std::size_t first = log.find("atoll.toml:3: stoer");
        return first != std::string::npos && log.find("atoll.toml:3: stoer", first + 1) != first &&
               log.find("stays as it is") != std::string::npos;
    }));
    EXPECT_EQ(support::http_client(peer_->client()).exchange(page())->body, "<one>");
}

TEST_F(ReloadTest, EgressGateFollows)
{
    const auto status = [&] {
        const auto request = support::forward_request(two_.authority(), "/");
        return support::http_client(peer_->client()).exchange(request)->status;
    };
    EXPECT_EQ(status(), 403U);
    configure(one_, "allow-target = [\"127.0.0.0/8\"]\n");
    reload();
    EXPECT_TRUE(support::eventually([&] { return status() == 200; }));
    configure(one_);
    reload();
    EXPECT_TRUE(support::eventually([&] { return status() == 403; }));
}

TEST_F(ReloadTest, IsAPostThatNoWebPageSent)
{
    EXPECT_EQ(reload("GET").status, 405U);
    support::http_request request;
    request.method = "POST";
    request.target = "/v1/reload";
    request.fields.emplace_back("Host", "localhost");
    request.fields.emplace_back("Origin", "http://a.example");
    EXPECT_EQ(support::http_client(peer_->admin()).exchange(request)->status, 403U);
}

}  // namespace
}  // namespace proxy
