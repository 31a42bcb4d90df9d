// curl as the client and nginx as the origin, by each way in, as a user would type it.

#include "tests/support/answer_source.hpp"
#include "tests/support/free_port.hpp"
#include "tests/support/generated_body.hpp"
#include "tests/support/nginx.hpp"
#include "tests/support/reef.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/support/text_file.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace proxy {
namespace {

struct curl_answer
{
    int exit_code = -1;
    std::string status;  // three digits of the final response
    std::string head;    // all heads that curl saw
    std::string body;

    support::answer_source source() const
    {
        const std::string name = "\nCache-Status: ";
        const std::size_t found = head.rfind(name);
        if (found == std::string::npos) {
            return support::answer_source::unknown;
        }
        const std::size_t value = found + name.size();
        return support::source_of(
            std::string_view(head).substr(value, head.find('\r', value) - value));
    }
};

class NginxOriginTest : public testing::Test
{
protected:
    NginxOriginTest()
    {
        support::write_file(root_ / "file.bin", body_);
        support::write_file(root_ / "index.html", "<h1>home</h1>\n");
    }

    curl_answer curl(std::vector<std::string> arguments) const
    {
        const support::temporary_directory files;
        support::command what;
        what.program = "curl";
        what.arguments = {"--silent",
            "--show-error",
            "--max-time",
            "20",
            "--dump-header",
            files.path() / "head",
            "--output",
            files.path() / "body",
            "--write-out",
            "%{http_code}"};
        what.arguments.insert(what.arguments.end(), arguments.begin(), arguments.end());
        const support::run_result result = support::run(what, std::chrono::seconds(30));
        curl_answer answer;
        answer.exit_code = result.status.code;
        answer.status = result.output;
        answer.head = support::read_file(files.path() / "head");
        answer.body = support::read_file(files.path() / "body");
        return answer;
    }

    support::reef_options reef_options(std::size_t peers, std::vector<std::string> more = {}) const
    {
        support::reef_options options;
        options.directory = directory_.path() / "reef";
        options.peers = peers;
        options.more_arguments = std::move(more);
        return options;
    }

    std::string proxy_url(std::size_t peer) const
    {
        return "http://127.0.0.1:" + std::to_string(reef_->at(peer).client().port());
    }
    std::string origin_url(std::string_view path) const
    {
        return "http://" + nginx_.authority() + std::string(path);
    }
    std::string coralized_url(std::size_t peer, std::string_view path) const
    {
        return "http://127.0.0.1." + std::to_string(nginx_.endpoint().port()) +
               ".atoll.localhost:" + std::to_string(reef_->at(peer).client().port()) +
               std::string(path);
    }
    long requests_of(const std::string& path) const
    {
        const std::vector<std::string> lines = nginx_.requests();
        return std::count(lines.begin(), lines.end(), "GET " + path + " HTTP/1.1");
    }

    const std::string body_ = support::generated_body(3, 200'000);
    support::temporary_directory directory_;
    std::filesystem::path root_ = directory_.path() / "site";
    std::uint16_t port_ = support::free_port();
    support::nginx nginx_{
        directory_.path() / "nginx", port_, support::nginx::static_site(port_, root_)};
    std::unique_ptr<support::reef> reef_;
};

TEST_F(NginxOriginTest, ForwardProxyAndCoralizedNameReachTheSameStoredObject)
{
    reef_ = std::make_unique<support::reef>(reef_options(2));
    const curl_answer forward = curl({"--proxy", proxy_url(0), origin_url("/file.bin")});
    EXPECT_EQ(forward.status, "200");
    EXPECT_TRUE(forward.body == body_);
    EXPECT_EQ(forward.source(), support::answer_source::origin);

    const curl_answer coralized = curl({coralized_url(0, "/file.bin")});
    EXPECT_EQ(coralized.status, "200");
    EXPECT_TRUE(coralized.body == body_);
    EXPECT_EQ(coralized.source(), support::answer_source::memory);

    const curl_answer neighbour = curl({coralized_url(1, "/file.bin")});
    EXPECT_TRUE(neighbour.body == body_);
    EXPECT_EQ(neighbour.source(), support::answer_source::peer);
    EXPECT_EQ(requests_of("/file.bin"), 1);
}

TEST_F(NginxOriginTest, ReverseModeIsTheFrontOfItsOrigin)
{
    reef_ = std::make_unique<support::reef>(reef_options(1, {"--origin", origin_url("")}));
    const curl_answer first = curl({proxy_url(0) + "/"});
    EXPECT_EQ(first.status, "200");
    EXPECT_EQ(first.body, "<h1>home</h1>\n");
    EXPECT_EQ(curl({proxy_url(0) + "/"}).source(), support::answer_source::memory);
}

TEST_F(NginxOriginTest, TunnelToAnotherPortThan443IsRefused)
{
    reef_ = std::make_unique<support::reef>(reef_options(1));
    const curl_answer answer =
        curl({"--proxytunnel", "--proxy", proxy_url(0), origin_url("/file.bin")});
    EXPECT_NE(answer.exit_code, 0);
    EXPECT_EQ(answer.head.substr(0, 12), "HTTP/1.1 403");
    EXPECT_TRUE(nginx_.requests().empty());
}

TEST_F(NginxOriginTest, HeadRangeAndConditionAreAnsweredFromTheStoredObject)
{
    reef_ = std::make_unique<support::reef>(reef_options(1));
    const curl_answer whole = curl({"--proxy", proxy_url(0), origin_url("/file.bin")});
    const curl_answer head = curl({"--head", "--proxy", proxy_url(0), origin_url("/file.bin")});
    EXPECT_EQ(head.status, "200");
    EXPECT_NE(head.head.find("Content-Length: 200000\r\n"), std::string::npos) << head.head;

    const std::size_t etag = whole.head.find("ETag: ") + 6;
    const std::string tag = whole.head.substr(etag, whole.head.find('\r', etag) - etag);
    const curl_answer same = curl(
        {"--header", "If-None-Match: " + tag, "--proxy", proxy_url(0), origin_url("/file.bin")});
    EXPECT_EQ(same.status, "304");

    const curl_answer part =
        curl({"--range", "1000-1999", "--proxy", proxy_url(0), origin_url("/file.bin")});
    EXPECT_EQ(part.status, "206");
    EXPECT_TRUE(part.body == body_.substr(1'000, 1'000));
    EXPECT_EQ(requests_of("/file.bin"), 1);
}

TEST_F(NginxOriginTest, PostPassesThrough)
{
    reef_ = std::make_unique<support::reef>(reef_options(1));
    const curl_answer answer =
        curl({"--data", "a=b", "--proxy", proxy_url(0), origin_url("/file.bin")});
    EXPECT_EQ(answer.status, "405");  // nginx's own answer for a static file
    const std::vector<std::string> requests = nginx_.requests();
    ASSERT_EQ(requests.size(), 1U);
    EXPECT_EQ(requests.front(), "POST /file.bin HTTP/1.1");
}

TEST_F(NginxOriginTest, UnreachableOriginIsAnErrorThatNamesItsCause)
{
    reef_ = std::make_unique<support::reef>(reef_options(1));
    const std::string nobody = "http://127.0.0.1:" + std::to_string(support::free_port()) + "/";
    const curl_answer answer = curl({"--proxy", proxy_url(0), nobody});
    EXPECT_EQ(answer.exit_code, 0);
    EXPECT_EQ(answer.status, "502");
    EXPECT_NE(answer.head.find("\nProxy-Status: "), std::string::npos) << answer.head;
}

TEST_F(NginxOriginTest, LoopbackTargetIsRefusedUnlessItIsAllowed)
{
    support::atoll_peer_options options;
    options.directory = directory_.path() / "strict";
    options.allow_loopback_targets = false;
    const support::atoll_peer strict(options);
    const std::string proxy = "http://127.0.0.1:" + std::to_string(strict.client().port());
    EXPECT_EQ(curl({"--proxy", proxy, origin_url("/file.bin")}).status, "403");
    EXPECT_TRUE(nginx_.requests().empty());
}

}  // namespace
}  // namespace proxy
