#include "proxy/net/resolver.hpp"

#include "proxy/net/task_set.hpp"
#include "proxy/net/upstream_errc.hpp"
#include "tests/support/run_coroutine.hpp"
#include "tests/support/scripted_name_server.hpp"

#include <boost/asio/io_context.hpp>

#include <gmock/gmock.h>

#include <chrono>
#include <optional>
#include <string>

namespace proxy {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::UnorderedElementsAre;

std::vector<std::string> texts(const resolver::answer& answer)
{
    std::vector<std::string> all;
    for (const asio::ip::address& address : answer.value()) {
        all.push_back(address.to_string());
    }
    return all;
}

asio::awaitable<void> resolve_into(
    resolver& names, std::string host, std::optional<resolver::answer>& answer)
{
    answer = co_await names.resolve(host);
}

class ResolverTest : public testing::Test
{
protected:
    resolver_settings settings() const
    {
        resolver_settings chosen;
        chosen.deadline = 300ms;
        chosen.name_servers = server.address();
        chosen.hosts = "/nonexistent";
        return chosen;
    }

    resolver::answer resolve(resolver& names, const std::string& host)
    {
        std::optional<resolver::answer> answer;
        support::run_coroutine(context, resolve_into(names, host, answer));
        return answer.value_or(upstream_errc::cancelled);
    }

    asio::io_context context;
    support::scripted_name_server server = support::scripted_name_server(context, {});
    task_set tasks = task_set(
        context.get_executor(), [](const std::exception_ptr&) { ADD_FAILURE() << "a task threw"; });
};

TEST_F(ResolverTest, AnswersLiteralsAndLocalhostWithoutAsking)
{
    resolver names(context.get_executor(), settings());
    EXPECT_THAT(texts(resolve(names, "192.0.2.7")), ElementsAre("192.0.2.7"));
    EXPECT_THAT(texts(resolve(names, "[2001:db8::7]")), ElementsAre("2001:db8::7"));
    EXPECT_THAT(texts(resolve(names, "localhost")), ElementsAre("127.0.0.1", "::1"));
    EXPECT_THAT(texts(resolve(names, "A.LocalHost.")), ElementsAre("127.0.0.1", "::1"));
    EXPECT_EQ(server.questions(), 0U);
}

TEST_F(ResolverTest, AsksForBothFamilies)
{
    server.set("origin.test", {.addresses = {"192.0.2.1", "192.0.2.2", "2001:db8::1"}});
    resolver names(context.get_executor(), settings());
    EXPECT_THAT(texts(resolve(names, "origin.test")),
        UnorderedElementsAre("192.0.2.1", "192.0.2.2", "2001:db8::1"));
    EXPECT_EQ(server.questions(), 2U);
}

TEST_F(ResolverTest, RemembersAnAnswerUnderAnySpelling)
{
    server.set("origin.test", {.addresses = {"192.0.2.1"}});
    resolver names(context.get_executor(), settings());
    EXPECT_TRUE(resolve(names, "origin.test"));
    EXPECT_THAT(texts(resolve(names, "ORIGIN.test.")), ElementsAre("192.0.2.1"));
    EXPECT_EQ(server.questions(), 2U);
    EXPECT_EQ(names.statistics().remembered, 1U);
}

TEST_F(ResolverTest, RemembersThatANameDoesNotExist)
{
    resolver names(context.get_executor(), settings());
    EXPECT_EQ(resolve(names, "no.test").error(), upstream_errc::resolve_failed);
    const std::size_t asked = server.questions();
    EXPECT_EQ(resolve(names, "no.test").error(), upstream_errc::resolve_failed);
    EXPECT_EQ(server.questions(), asked);
}

TEST_F(ResolverTest, ForgetsWhenTheLifeOfAnAnswerEnds)
{
    server.set("origin.test", {.addresses = {"192.0.2.1"}, .ttl = 0});
    resolver_settings forgetful = settings();
    forgetful.shortest_memory = 0s;
    resolver names(context.get_executor(), forgetful);
    EXPECT_TRUE(resolve(names, "origin.test"));
    server.set("origin.test", {.addresses = {"192.0.2.2"}});
    EXPECT_THAT(texts(resolve(names, "origin.test")), ElementsAre("192.0.2.2"));
}

TEST_F(ResolverTest, MemoryIsBoundedAndTheOldestNameGoes)
{
    for (const char* name : {"a.test", "b.test", "c.test"}) {
        server.set(name, {.addresses = {"192.0.2.1"}});
    }
    resolver_settings small = settings();
    small.remembered_names = 2;
    resolver names(context.get_executor(), small);
    for (const char* name : {"a.test", "b.test", "c.test", "c.test", "b.test"}) {
        EXPECT_TRUE(resolve(names, name));
    }
    EXPECT_EQ(names.statistics().questions, 3U);
    EXPECT_TRUE(resolve(names, "a.test"));
    EXPECT_EQ(names.statistics().questions, 4U);
}

TEST_F(ResolverTest, RefusesNamesThatCannotExist)
{
    resolver names(context.get_executor(), settings());
    EXPECT_EQ(resolve(names, "").error(), upstream_errc::resolve_failed);
    EXPECT_EQ(resolve(names, std::string(254, 'a')).error(), upstream_errc::resolve_failed);
    EXPECT_EQ(
        resolve(names, std::string(64, 'a') + ".test").error(), upstream_errc::resolve_failed);
    EXPECT_EQ(resolve(names, "a..test").error(), upstream_errc::resolve_failed);
    EXPECT_EQ(server.questions(), 0U);
}

TEST_F(ResolverTest, ConcurrentCallsForOneNameShareOneQuestion)
{
    server.set("origin.test", {.addresses = {"192.0.2.1"}});
    resolver names(context.get_executor(), settings());
    std::optional<resolver::answer> first;
    std::optional<resolver::answer> second;
    tasks.spawn(resolve_into(names, "origin.test", first));
    tasks.spawn(resolve_into(names, "origin.test", second));
    support::run_coroutine(context, tasks.join());
    EXPECT_THAT(texts(first.value()), ElementsAre("192.0.2.1"));
    EXPECT_THAT(texts(second.value()), ElementsAre("192.0.2.1"));
    EXPECT_EQ(server.questions(), 2U);
}

TEST_F(ResolverTest, ANameWithoutAnswerEndsAtTheDeadlineAndDelaysNoOther)
{
    server.set("silent.test", {.silent_v4 = true, .silent_v6 = true});
    server.set("origin.test", {.addresses = {"192.0.2.1"}});
    resolver names(context.get_executor(), settings());
    std::optional<resolver::answer> silent;
    const auto start = std::chrono::steady_clock::now();
    tasks.spawn(resolve_into(names, "silent.test", silent));
    EXPECT_TRUE(resolve(names, "origin.test"));
    EXPECT_FALSE(silent.has_value());
    support::run_coroutine(context, tasks.join());
    EXPECT_EQ(silent.value().error(), upstream_errc::resolve_timeout);
    EXPECT_GE(std::chrono::steady_clock::now() - start, 300ms);
}

TEST_F(ResolverTest, OneFamilyWithoutAnswerDoesNotHoldBackTheOther)
{
    server.set("v4.test", {.addresses = {"192.0.2.1"}, .silent_v6 = true});
    server.set("v6.test", {.addresses = {"2001:db8::1"}, .silent_v4 = true});
    resolver names(context.get_executor(), settings());
    EXPECT_THAT(texts(resolve(names, "v4.test")), ElementsAre("192.0.2.1"));
    EXPECT_THAT(texts(resolve(names, "v6.test")), ElementsAre("2001:db8::1"));
}

TEST_F(ResolverTest, AServerThatHangsGivesWayToTheNext)
{
    server.set("origin.test", {.addresses = {"192.0.2.1"}});
    asio::ip::udp::socket hangs(
        context, asio::ip::udp::endpoint(asio::ip::address_v4::loopback(), 0));
    resolver_settings two_servers = settings();
    two_servers.deadline = 2s;
    two_servers.name_servers =
        "127.0.0.1:" + std::to_string(hangs.local_endpoint().port()) + "," + server.address();
    resolver names(context.get_executor(), two_servers);
    EXPECT_THAT(texts(resolve(names, "origin.test")), ElementsAre("192.0.2.1"));
}

TEST_F(ResolverTest, MoreOpenQuestionsThanTheLimitAreRefused)
{
    server.set("silent.test", {.silent_v4 = true, .silent_v6 = true});
    resolver_settings small = settings();
    small.open_questions = 1;
    resolver names(context.get_executor(), small);
    std::optional<resolver::answer> silent;
    tasks.spawn(resolve_into(names, "silent.test", silent));
    context.poll();
    EXPECT_EQ(resolve(names, "origin.test").error(), upstream_errc::overloaded);
    support::run_coroutine(context, tasks.join());
    EXPECT_EQ(silent.value().error(), upstream_errc::resolve_timeout);
}

TEST_F(ResolverTest, ACancelledCallLeavesTheQuestionToTheOthers)
{
    server.set("slow.test", {.addresses = {"192.0.2.1"}, .silent_v6 = true});
    resolver names(context.get_executor(), settings());
    std::optional<resolver::answer> given_up;
    std::optional<resolver::answer> patient;
    task_set others(context.get_executor(), [](const std::exception_ptr&) {});
    others.spawn(resolve_into(names, "slow.test", patient));
    tasks.spawn(resolve_into(names, "slow.test", given_up));
    context.poll();
    tasks.cancel();
    support::run_coroutine(context, tasks.join());
    EXPECT_EQ(given_up.value().error(), upstream_errc::cancelled);
    support::run_coroutine(context, others.join());
    EXPECT_THAT(texts(patient.value()), ElementsAre("192.0.2.1"));
}

TEST_F(ResolverTest, ItsEndReleasesThoseWhoWait)
{
    server.set("silent.test", {.silent_v4 = true, .silent_v6 = true});
    auto names = std::make_unique<resolver>(context.get_executor(), settings());
    std::optional<resolver::answer> silent;
    tasks.spawn(resolve_into(*names, "silent.test", silent));
    context.poll();
    names.reset();
    support::run_coroutine(context, tasks.join());
    EXPECT_EQ(silent.value().error(), upstream_errc::cancelled);
}

TEST_F(ResolverTest, TheHostsFileGoesBeforeTheNameServers)
{
    server.set("origin.test", {.addresses = {"192.0.2.1"}});
    resolver_settings with_hosts = settings();
    with_hosts.hosts = ATOLL_SOURCE_DIR "/tests/wire/data/hosts";
    resolver names(context.get_executor(), with_hosts);
    EXPECT_THAT(texts(resolve(names, "origin.test")), ElementsAre("192.0.2.99"));
    EXPECT_EQ(server.questions(), 0U);
}

}  // namespace
}  // namespace proxy
