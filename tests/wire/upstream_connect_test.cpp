// Getting a connection: names, the egress gate, several addresses.

#include "tests/support/scripted_name_server.hpp"
#include "tests/wire/upstream_fixture.hpp"

#include <gmock/gmock.h>

#include <sys/resource.h>

namespace proxy {
namespace {

namespace asio = boost::asio;
using support::script;
using support::scripted_server;
using support::unreachable_server;
using namespace std::chrono_literals;

constexpr const char* ok_empty = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

class UpstreamConnectTest : public upstream_test
{
protected:
    UpstreamConnectTest() { settings.name_servers = names.address(); }

    upstream_target named(const std::string& host, std::uint16_t port) const
    {
        upstream_target target = origin_at(port);
        target.host = host;
        return target;
    }

    upstream_target peer_at(const char* address, std::uint16_t port) const
    {
        upstream_target target;
        target.peer = true;
        target.peer_address = asio::ip::make_address(address);
        target.port = port;
        return target;
    }

    boost::system::error_code failure_of(const upstream_target& target)
    {
        const auto client = make_client();
        return get(*client, target).error;
    }

    // A port that nothing listens on: it was free a moment ago.
    std::uint16_t closed_port()
    {
        const asio::ip::tcp::endpoint any(asio::ip::address_v4::loopback(), 0);
        return asio::ip::tcp::acceptor(context, any).local_endpoint().port();
    }

    support::scripted_name_server names = support::scripted_name_server(context, {});
};

TEST_F(UpstreamConnectTest, ConnectsToTheAddressOfAName)
{
    scripted_server server(context, {script().request().send(ok_empty)});
    names.set("origin.test", {.addresses = {"127.0.0.1"}});
    EXPECT_FALSE(failure_of(named("origin.test", server.port())));
}

TEST_F(UpstreamConnectTest, ANameWithoutAddressOrAnswerIsToldApart)
{
    settings.limit.origin_resolve = 100ms;
    names.set("silent.test", {.silent_v4 = true, .silent_v6 = true});
    EXPECT_EQ(failure_of(named("no.test", 80)), upstream_errc::resolve_failed);
    EXPECT_EQ(failure_of(named("silent.test", 80)), upstream_errc::resolve_timeout);
}

TEST_F(UpstreamConnectTest, ARefusedConnectionIsTold)
{
    EXPECT_EQ(failure_of(origin_at(closed_port())), upstream_errc::connect_refused);
    EXPECT_EQ(failure_of(peer_at("127.0.0.1", closed_port())), upstream_errc::connect_refused);
}

TEST_F(UpstreamConnectTest, AnAddressThatTheGateRefusesIsNotDialled)
{
    scripted_server server(context, {script()});
    settings.egress.allow_target.clear();
    names.set("inside.test", {.addresses = {"127.0.0.1"}});
    EXPECT_EQ(failure_of(origin_at(server.port())), upstream_errc::egress_refused);
    EXPECT_EQ(failure_of(named("inside.test", server.port())), upstream_errc::egress_refused);
    EXPECT_EQ(failure_of(named("localhost", server.port())), upstream_errc::egress_refused);
    context.poll();
    EXPECT_EQ(server.accepted(), 0U);
}

TEST_F(UpstreamConnectTest, OfAMixedAnswerOnlyAllowedAddressesAreDialled)
{
    settings.egress.allow_target = {address_block{asio::ip::make_address("127.0.0.2"), 32}};
    scripted_server forbidden(context, {script()});
    scripted_server allowed(
        context, {script().request().send(ok_empty)}, nullptr, "127.0.0.2", forbidden.port());
    names.set("mixed.test", {.addresses = {"127.0.0.1", "127.0.0.2"}});
    EXPECT_FALSE(failure_of(named("mixed.test", forbidden.port())));
    EXPECT_EQ(forbidden.accepted(), 0U);
    EXPECT_EQ(allowed.accepted(), 1U);
}

TEST_F(UpstreamConnectTest, ANameThatMovesInsideIsJudgedAgain)
{
    settings.egress.allow_target = {address_block{asio::ip::make_address("127.0.0.2"), 32}};
    scripted_server outside(context,
        {script().request().send(
            "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")},
        nullptr,
        "127.0.0.2");
    scripted_server inside(context, {script()}, nullptr, "127.0.0.1", outside.port());
    names.set("rebinding.test", {.addresses = {"127.0.0.2"}});
    {
        const auto client = make_client();
        EXPECT_FALSE(get(*client, named("rebinding.test", outside.port())).error);
    }
    names.set("rebinding.test", {.addresses = {"127.0.0.1"}});
    EXPECT_EQ(failure_of(named("rebinding.test", outside.port())), upstream_errc::egress_refused);
    EXPECT_EQ(inside.accepted(), 0U);
}

TEST_F(UpstreamConnectTest, APeerIsJudgedByTheRulesForPeers)
{
    scripted_server server(context, {script().request().send(ok_empty)});
    settings.egress.allow_target.clear();
    EXPECT_FALSE(failure_of(peer_at("127.0.0.1", server.port())));

    settings.own_peer_addresses = {asio::ip::make_address("192.0.2.1")};
    EXPECT_EQ(failure_of(peer_at("127.0.0.1", server.port())), upstream_errc::egress_refused);
    EXPECT_EQ(server.accepted(), 1U);
}

TEST_F(UpstreamConnectTest, CountsWhatTheGateRefused)
{
    settings.egress.allow_target.clear();
    const auto client = make_client();
    EXPECT_EQ(get(*client, origin_at(8080)).error, upstream_errc::egress_refused);
    EXPECT_EQ(client->statistics().egress_refusals, 1U);
    EXPECT_EQ(client->statistics().failed, 1U);
    EXPECT_EQ(client->statistics().opened, 0U);
}

TEST_F(UpstreamConnectTest, SilenceToAConnectEndsAtTheDeadline)
{
    settings.limit.origin_connect = 50ms;
    settings.limit.peer_connect = 50ms;
    unreachable_server server(context);
    EXPECT_EQ(failure_of(origin_at(server.port())), upstream_errc::connect_timeout);
    EXPECT_EQ(failure_of(peer_at("127.0.0.1", server.port())), upstream_errc::connect_timeout);
}

TEST_F(UpstreamConnectTest, ADeadAddressDelaysTheNextByTheStaggerOnly)
{
    settings.limit.connect_stagger = 20ms;
    unreachable_server dead(context, "127.0.0.1");
    scripted_server alive(
        context, {script().request().send(ok_empty)}, nullptr, "127.0.0.2", dead.port());
    names.set("half-dead.test", {.addresses = {"127.0.0.1", "127.0.0.2"}});
    const auto start = std::chrono::steady_clock::now();
    EXPECT_FALSE(failure_of(named("half-dead.test", dead.port())));
    EXPECT_LT(std::chrono::steady_clock::now() - start, settings.limit.origin_connect / 2);
}

TEST_F(UpstreamConnectTest, ARefusedAddressDoesNotDelayTheNext)
{
    settings.limit.connect_stagger = 10'000ms;
    scripted_server alive(context, {script().request().send(ok_empty)}, nullptr, "127.0.0.2");
    names.set("half-open.test", {.addresses = {"127.0.0.1", "127.0.0.2"}});
    const auto start = std::chrono::steady_clock::now();
    EXPECT_FALSE(failure_of(named("half-open.test", alive.port())));
    EXPECT_LT(std::chrono::steady_clock::now() - start, 5s);
}

TEST_F(UpstreamConnectTest, WithoutDescriptorsWeAreOverloadedAndTheOriginIsNotToBlame)
{
    scripted_server server(context, {script().request().send(ok_empty)});
    const auto client = make_client();
    context.poll();  // the server is ready to accept: without descriptors it could not even wait
    rlimit former = {};
    ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &former), 0);
    const rlimit none = {0, former.rlim_max};
    setrlimit(RLIMIT_NOFILE, &none);
    const boost::system::error_code error = get(*client, origin_at(server.port())).error;
    setrlimit(RLIMIT_NOFILE, &former);
    EXPECT_EQ(error, upstream_errc::overloaded);
    EXPECT_FALSE(get(*client, origin_at(server.port())).error);
}

TEST_F(UpstreamConnectTest, NoMoreAddressesAreTriedThanTheLimit)
{
    settings.limit.connect_addresses = 1;
    scripted_server second(context, {script()}, nullptr, "127.0.0.2");
    names.set("many.test", {.addresses = {"127.0.0.1", "127.0.0.2"}});
    EXPECT_EQ(failure_of(named("many.test", second.port())), upstream_errc::connect_refused);
    EXPECT_EQ(second.accepted(), 0U);
}

TEST_F(UpstreamConnectTest, CancellationWhileResolvingOrConnectingLeavesNothing)
{
    names.set("silent.test", {.silent_v4 = true, .silent_v6 = true});
    unreachable_server dead(context);
    for (const upstream_target& target : {named("silent.test", 80), origin_at(dead.port())}) {
        const auto client = make_client();
        task_set exchange(context.get_executor(), [](const std::exception_ptr&) {});
        received_response response;
        exchange.spawn(store(response, fetch(*client, target)));
        context.poll();
        exchange.cancel();
        run(exchange.join());
        EXPECT_TRUE(!response.error || response.error == upstream_errc::cancelled);
        EXPECT_EQ(client->statistics().opened, 0U);
    }
}

asio::awaitable<void> echo_through(
    upstream& client, std::string host, std::uint16_t port, boost::system::error_code& error)
{
    auto socket = co_await client.connect_tunnel(host, port);
    if (!socket) {
        error = socket.error();
        co_return;
    }
    asio::ip::tcp::no_delay no_delay;
    socket->get_option(no_delay);
    EXPECT_TRUE(no_delay.value());
}

TEST_F(UpstreamConnectTest, ATunnelPassesTheSameGate)
{
    scripted_server server(context, {script()});
    auto client = make_client();
    boost::system::error_code error;
    run(echo_through(*client, "127.0.0.1", server.port(), error));
    EXPECT_FALSE(error);
    run(server.ended(1));

    settings.egress.allow_target.clear();
    client = make_client();
    run(echo_through(*client, "127.0.0.1", server.port(), error));
    EXPECT_EQ(error, upstream_errc::egress_refused);
    EXPECT_EQ(server.accepted(), 1U);
}

TEST_F(UpstreamConnectTest, EveryReasonHasASentenceAStatusAndAProxyStatusError)
{
    for (int value = 1; value <= static_cast<int>(upstream_errc::cancelled); ++value) {
        const boost::system::error_code error = static_cast<upstream_errc>(value);
        EXPECT_NE(error.message(), "unknown upstream error") << value;
        EXPECT_GE(proxy::failure_of(error).status, 400U);
        EXPECT_FALSE(proxy::failure_of(error).proxy_error.empty());
    }
    EXPECT_EQ(proxy::failure_of(upstream_errc::egress_refused).status, 403U);
    EXPECT_EQ(proxy::failure_of(upstream_errc::connect_timeout).status, 504U);
    EXPECT_EQ(proxy::failure_of(upstream_errc::resolve_timeout).proxy_error, "dns_timeout");
    EXPECT_EQ(proxy::failure_of(asio::error::eof).status, 502U);
}

}  // namespace
}  // namespace proxy
