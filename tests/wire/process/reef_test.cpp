// Peers as processes: what one of them has, the others get from it, and whatever happens to it
// costs no request.

#include "tests/support/reef.hpp"
#include "tests/support/answer_source.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/generated_body.hpp"
#include "tests/support/http_client.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/support/test_origin.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <thread>

namespace proxy {
namespace {

using support::answer_source;
using support::http_client;

class ReefTest : public testing::Test
{
protected:
    void start(std::size_t peers, bool cooperate = true, bool droppable_datagrams = false)
    {
        support::reef_options options;
        options.directory = directory_.path();
        options.peers = peers;
        options.cooperate = cooperate;
        options.droppable_datagrams = droppable_datagrams;
        reef_ = std::make_unique<support::reef>(options);
    }

    support::origin_route route() const
    {
        support::origin_route result;
        result.body = body_;
        result.etag = "\"one\"";
        return result;
    }

    http_client::result ask(
        std::size_t peer, const support::test_origin& origin, const std::string& path = "/file")
    {
        return http_client(reef_->at(peer).client())
            .exchange(support::forward_request(origin.authority(), path));
    }

    // Asks, and says where the peer had the answer from; `unknown` for anything but the right body.
    answer_source source_at(
        std::size_t peer, const support::test_origin& origin, const std::string& path = "/file")
    {
        const http_client::result response = ask(peer, origin, path);
        if (!response) {
            ADD_FAILURE() << "peer " << peer << ": " << response.error().message() << '\n'
                          << reef_->at(peer).log();
            return answer_source::unknown;
        }
        EXPECT_EQ(response->status, 200U) << response->body;
        EXPECT_TRUE(response->body == body_) << response->body.size() << " octets";
        return response->body == body_ ? support::source_of(response->field("Cache-Status"))
                                       : answer_source::unknown;
    }

    const std::string body_ = support::generated_body(11, 150'000);
    support::temporary_directory directory_;
    support::test_origin origin_;
    std::unique_ptr<support::reef> reef_;
};

TEST_F(ReefTest, OriginIsAskedOnceForAllPeers)
{
    origin_.serve("/file", route());
    start(3);
    EXPECT_EQ(source_at(0, origin_), answer_source::origin);
    EXPECT_EQ(source_at(1, origin_), answer_source::peer);
    EXPECT_EQ(source_at(2, origin_), answer_source::peer);
    EXPECT_EQ(source_at(0, origin_), answer_source::memory);
    EXPECT_EQ(source_at(2, origin_), answer_source::memory);
    EXPECT_EQ(origin_.count("/file").requests, 1U);
}

TEST_F(ReefTest, PeerThatIsStillDownloadingIsStreamedFrom)
{
    support::test_origin slow(body_.size() / 3);  // octets a second
    slow.serve("/file", route());
    start(2);
    std::thread first([&] { EXPECT_EQ(source_at(0, slow), answer_source::origin); });
    while (slow.total().octets < body_.size() / 3) {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    EXPECT_EQ(source_at(1, slow), answer_source::peer);
    first.join();
    EXPECT_EQ(slow.count("/file").requests, 1U);
}

TEST_F(ReefTest, ConcurrentRequestsAtOnePeerShareOneFetch)
{
    support::test_origin slow(body_.size());
    slow.serve("/file", route());
    start(1);
    std::vector<std::thread> clients;
    for (int client = 0; client < 20; ++client) {
        clients.emplace_back([&] { source_at(0, slow); });
    }
    for (std::thread& client : clients) {
        client.join();
    }
    EXPECT_EQ(slow.count("/file").requests, 1U);
}

TEST_F(ReefTest, PeersThatDoNotCooperateEachAskTheOrigin)
{
    origin_.serve("/file", route());
    start(2, false);
    EXPECT_EQ(source_at(0, origin_), answer_source::origin);
    EXPECT_EQ(source_at(1, origin_), answer_source::origin);
    EXPECT_EQ(origin_.count("/file").requests, 2U);
}

TEST_F(ReefTest, AnswersThatMayNotBeSharedStayWhereTheyAre)
{
    for (const char* directives : {"private, max-age=3600", "no-store"}) {
        support::test_origin origin;
        support::origin_route secret = route();
        secret.cache_control = directives;
        origin.serve("/file", secret);
        if (!reef_) {
            start(2);
        }
        EXPECT_EQ(source_at(0, origin), answer_source::origin) << directives;
        EXPECT_EQ(source_at(1, origin), answer_source::origin) << directives;
        EXPECT_EQ(origin.count("/file").requests, 2U) << directives;
    }
}

TEST_F(ReefTest, HolderThatWasKilledCostsNoRequest)
{
    origin_.serve("/file", route());
    start(3);
    source_at(1, origin_);
    reef_->at(1).program().kill();
    const auto asked = std::chrono::steady_clock::now();
    EXPECT_EQ(source_at(2, origin_), answer_source::origin);
    EXPECT_LT(std::chrono::steady_clock::now() - asked, std::chrono::seconds(3));
}

TEST_F(ReefTest, HolderThatIsStoppedInTheMiddleOfABodyCostsNoRequest)
{
    support::test_origin slow(body_.size() / 3);
    slow.serve("/file", route());
    start(2);
    std::thread leader([&] { (void)ask(0, slow); });
    while (slow.total().octets < body_.size() / 6) {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    std::thread follower([&] { source_at(1, slow); });
    while (slow.total().octets < body_.size() / 2) {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    reef_->at(0).program().signal(SIGKILL);
    follower.join();  // right body, from whoever had it
    leader.join();
}

TEST_F(ReefTest, LosingEveryDatagramCostsABoundedDelay)
{
    origin_.serve("/file", route());
    start(3, true, true);
    reef_->drop_datagrams();
    for (std::size_t peer = 0; peer < reef_->size(); ++peer) {
        const auto asked = std::chrono::steady_clock::now();
        EXPECT_EQ(source_at(peer, origin_), answer_source::origin);
        EXPECT_LT(std::chrono::steady_clock::now() - asked, std::chrono::seconds(3));
    }
}

TEST_F(ReefTest, StoreSurvivesAStopAndTheOrigin)
{
    origin_.serve("/file", route());
    start(1);
    source_at(0, origin_);
    EXPECT_TRUE(reef_->at(0).program().stop(std::chrono::seconds(10)).success())
        << reef_->at(0).log();
    origin_.stop();
    reef_->restart(0);
    reef_->wait_until_ready(0);
    EXPECT_EQ(source_at(0, origin_), answer_source::disk);
}

TEST_F(ReefTest, PeerComesBackWithItsContacts)
{
    start(3);
    reef_->restart(2);
    // The others notice at their own pace that its old address is silent; until then a lookup may
    // end in vain.
    answer_source source = answer_source::unknown;
    for (int attempt = 0; attempt < 50 && source != answer_source::peer; ++attempt) {
        const std::string path = "/file-" + std::to_string(attempt);
        origin_.serve(path, route());
        source_at(0, origin_, path);
        source = source_at(2, origin_, path);
    }
    EXPECT_EQ(source, answer_source::peer);
}

// Its peers have not heard of the purge: their copies are older than it.
TEST_F(ReefTest, CopyOfAPeerIsNotTakenAfterAPurge)
{
    origin_.serve("/file", route());
    start(2);
    EXPECT_EQ(source_at(0, origin_), answer_source::origin);
    EXPECT_EQ(source_at(1, origin_), answer_source::peer);
    ASSERT_TRUE(
        support::eventually([&] { return reef_->at(1).admin_page("/readyz") == "ready\n"; }));
    support::http_request purge;
    purge.method = "POST";
    purge.target = "/v1/purge?url=" + origin_.url("/file");
    purge.fields.emplace_back("Host", "localhost");
    const auto purged = http_client(reef_->at(1).admin()).exchange(purge);
    ASSERT_TRUE(purged);
    EXPECT_EQ(purged->status, 200U) << purged->body;
    EXPECT_EQ(source_at(1, origin_), answer_source::origin);
    EXPECT_EQ(origin_.count("/file").requests, 2U);
}

}  // namespace
}  // namespace proxy
