// The scenario by which Coral was taught: Naomi publishes, Jacques carries, Kamal is served by
// Jacques. Here with real peers; the index alone is tests/sim/dht_hot_key_test.

#include "tests/support/answer_source.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/generated_body.hpp"
#include "tests/support/http_client.hpp"
#include "tests/support/reef.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/support/test_origin.hpp"
#include "tests/wire/process/looked_up.hpp"

#include <gtest/gtest.h>

#include <string>

namespace proxy {
namespace {

using support::answer_source;

class NaomiTest : public testing::Test
{
protected:
    static constexpr std::size_t naomi = 1;
    static constexpr std::size_t jacques = 2;
    static constexpr std::size_t kamal = 3;

    // Three people and David, through whom they found each other.
    support::reef start()
    {
        support::reef_options options;
        options.directory = directory_.path();
        options.peers = 4;
        return support::reef{options};
    }

    answer_source source_at(support::reef& reef, std::size_t who)
    {
        const auto response = support::http_client(reef.at(who).client())
                                  .exchange(support::forward_request(origin_.authority(), "/film"));
        EXPECT_TRUE(response && response->status == 200 && response->body == body_);
        return response ? support::source_of(response->field("Cache-Status"))
                        : answer_source::unknown;
    }

    // Whether Kamal's peer is told that this one has it.
    bool is_named(support::reef& reef, std::size_t holder)
    {
        return support::is_named(reef.at(kamal),
            "url=" + origin_.url("/film"),
            "127.0.0.1:" + std::to_string(reef.at(holder).peer().port()));
    }

    const std::string body_ = support::generated_body(3, 200'000);
    support::temporary_directory directory_;
    support::test_origin origin_;
};

TEST_F(NaomiTest, KamalIsServedByJacquesWhenNaomiIsGone)
{
    support::origin_route film;
    film.body = body_;
    film.etag = "\"film\"";
    origin_.serve("/film", film);
    support::reef reef = start();
    for (std::size_t i = 0; i < reef.size(); ++i) {
        ASSERT_TRUE(
            support::eventually([&] { return reef.at(i).metric("atoll_store_open") == 1; }));
    }

    // Naomi's peer fetches it and says so.
    EXPECT_EQ(source_at(reef, naomi), answer_source::origin);
    ASSERT_TRUE(support::eventually([&] { return is_named(reef, naomi); }));

    // Jacques's peer has it from hers, which makes it a holder too.
    EXPECT_EQ(source_at(reef, jacques), answer_source::peer);
    ASSERT_TRUE(support::eventually([&] { return is_named(reef, jacques); }));
    EXPECT_EQ(reef.at(naomi).metric("atoll_peer_requests_total{result=\"hit\"}"), 1);

    // Naomi's is switched off, without a farewell; the index still names it. And the origin, too.
    reef.at(naomi).program().kill();
    origin_.stop();
    EXPECT_EQ(source_at(reef, kamal), answer_source::peer);
    EXPECT_EQ(origin_.count("/film").requests, 1U);
}

}  // namespace
}  // namespace proxy
