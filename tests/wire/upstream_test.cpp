// Exchanges on one connection and the pool behind them.

#include "tests/wire/upstream_fixture.hpp"

#include <gmock/gmock.h>

#include <algorithm>

namespace proxy {
namespace {

namespace asio = boost::asio;
using boost::beast::http::verb;
using support::script;
using support::scripted_server;
using namespace std::chrono_literals;

constexpr const char* ok_hello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

class UpstreamTest : public upstream_test
{
protected:
    // What one response gives on a connection of its own.
    received_response response_to(script answer, verb request_verb = verb::get)
    {
        scripted_server server(context, {std::move(answer)});
        const auto client = make_client();
        return get(*client, origin_at(server.port()), request_verb);
    }

    boost::system::error_code error_of(const std::string& response)
    {
        return response_to(script().request().send(response).close()).error;
    }
};

TEST_F(UpstreamTest, ReadsContentOfKnownLengthAndSendsWhatItWasGiven)
{
    scripted_server server(context, {script().request().send(ok_hello)});
    const auto client = make_client();
    const received_response response = get(*client, origin_at(server.port()));
    EXPECT_FALSE(response.error);
    EXPECT_EQ(response.head.status, 200U);
    EXPECT_EQ(response.content, "hello");
    EXPECT_EQ(server.requests(), std::vector<std::string>(1, std::string(get_request)));
}

TEST_F(UpstreamTest, TakesTheFramingOffAChunkedBody)
{
    const received_response response =
        response_to(script()
                        .request()
                        .send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
                        .send("5;a=b\r\nhello\r\n0")
                        .send("f\r\n, chunked world")
                        .send("\r\n0\r\nTrailer: x\r\n\r\n"));
    EXPECT_FALSE(response.error);
    EXPECT_EQ(response.content, "hello, chunked world");
}

TEST_F(UpstreamTest, ABodyWithoutFramingEndsWithTheConnectionWhichIsNotReused)
{
    scripted_server server(
        context, {script().request().send("HTTP/1.0 200 OK\r\n\r\nto the end").close()});
    const auto client = make_client();
    const received_response response = get(*client, origin_at(server.port()));
    EXPECT_FALSE(response.error);
    EXPECT_EQ(response.content, "to the end");
    EXPECT_EQ(client->statistics().idle, 0U);
}

TEST_F(UpstreamTest, AResponseToHeadHasNoContent)
{
    const received_response response = response_to(
        script().request().send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"), verb::head);
    EXPECT_FALSE(response.error);
    EXPECT_EQ(response.content, "");
}

TEST_F(UpstreamTest, ReadsALargeBodyWhole)
{
    std::string body(300'000, 'x');
    for (std::size_t i = 0; i < body.size(); ++i) {
        body[i] = static_cast<char>('a' + i % 23);
    }
    const received_response response = response_to(
        script().request().send("HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n" + body));
    EXPECT_FALSE(response.error);
    EXPECT_TRUE(response.content == body);
}

TEST_F(UpstreamTest, ReusesAConnectionWhoseExchangeIsComplete)
{
    scripted_server server(context,
        {script().request().send(ok_hello).request().send(ok_hello).request().send(ok_hello)});
    const auto client = make_client();
    EXPECT_FALSE(get(*client, origin_at(server.port())).reused);
    EXPECT_TRUE(get(*client, origin_at(server.port())).reused);
    EXPECT_EQ(get(*client, origin_at(server.port())).content, "hello");
    EXPECT_EQ(server.accepted(), 1U);
    EXPECT_EQ(client->statistics().reused, 2U);
}

TEST_F(UpstreamTest, ConnectionsOfOnePolicyAreNotUsedUnderAnother)
{
    scripted_server server(
        context, {script().request().send(ok_hello), script().request().send(ok_hello)});
    const auto client = make_client();
    upstream_target target = origin_at(server.port());
    EXPECT_FALSE(get(*client, target).error);
    target.route_allows = true;
    EXPECT_FALSE(get(*client, target).reused);
    EXPECT_EQ(server.accepted(), 2U);
}

asio::awaitable<void> expect_fresh(upstream& client, upstream_target target)
{
    const auto connection = co_await client.acquire(target, false);
    EXPECT_TRUE(connection && !connection->reused());
}

TEST_F(UpstreamTest, AFreshConnectionIsOpenedWhenReuseIsNotWanted)
{
    scripted_server server(context, {script().request().send(ok_hello), script()});
    const auto client = make_client();
    EXPECT_FALSE(get(*client, origin_at(server.port())).error);
    run(expect_fresh(*client, origin_at(server.port())));
    EXPECT_EQ(client->statistics().idle, 1U);
}

TEST_F(UpstreamTest, AConnectionClosedWhileIdleIsReplaced)
{
    scripted_server server(context,
        {script().request().send(ok_hello).hold().close(), script().request().send(ok_hello)});
    const auto client = make_client();
    EXPECT_FALSE(get(*client, origin_at(server.port())).error);
    EXPECT_EQ(client->statistics().idle, 1U);
    server.release();
    run(server.ended(1));

    const received_response second = get(*client, origin_at(server.port()));
    EXPECT_FALSE(second.error);
    EXPECT_FALSE(second.reused);
}

TEST_F(UpstreamTest, AnOctetOnAnIdleConnectionClosesIt)
{
    scripted_server server(
        context, {script().request().send(ok_hello).hold().send("HTTP/1.1 200 OK\r\n\r\n")});
    const auto client = make_client();
    EXPECT_FALSE(get(*client, origin_at(server.port())).error);
    server.release();
    run(server.ended(1));  // by the client
    EXPECT_EQ(client->statistics().idle, 0U);
}

TEST_F(UpstreamTest, OctetsAfterTheContentAreNotUsedAndEndTheConnection)
{
    scripted_server server(context,
        {script().request().send(std::string(ok_hello) + "HTTP/1.1 200 OK\r\n"),
            script().request().send(ok_hello)});
    const auto client = make_client();
    EXPECT_EQ(get(*client, origin_at(server.port())).content, "hello");
    EXPECT_EQ(client->statistics().idle, 0U);
    EXPECT_FALSE(get(*client, origin_at(server.port())).reused);
}

TEST_F(UpstreamTest, ContentAfterAHeadResponseEndsTheConnection)
{
    scripted_server server(context, {script().request().send(ok_hello)});
    const auto client = make_client();
    EXPECT_FALSE(get(*client, origin_at(server.port()), verb::head).error);
    EXPECT_EQ(client->statistics().idle, 0U);
}

TEST_F(UpstreamTest, ConnectionCloseIsHonoured)
{
    scripted_server server(context,
        {script().request().send(
            "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")});
    const auto client = make_client();
    EXPECT_FALSE(get(*client, origin_at(server.port())).error);
    EXPECT_EQ(client->statistics().idle, 0U);
}

asio::awaitable<void> leave_unfinished(upstream& client, upstream_target target)
{
    auto connection = co_await client.acquire(target, true);
    EXPECT_FALSE(co_await connection->send(get_request));
    EXPECT_TRUE(co_await connection->read_head(verb::get, patience));
}

TEST_F(UpstreamTest, AnExchangeThatIsNotFinishedClosesTheConnection)
{
    scripted_server server(context, {script().request().send(ok_hello)});
    const auto client = make_client();
    run(leave_unfinished(*client, origin_at(server.port())));
    run(server.ended(1));
    EXPECT_EQ(client->statistics().idle, 0U);
}

TEST_F(UpstreamTest, IdleConnectionsAreBoundedPerTarget)
{
    settings.limit.idle_connections_per_upstream = 2;
    const script answer = script().request().hold().send(ok_hello);
    scripted_server server(context, {answer, answer, answer});
    const auto client = make_client();
    std::array<received_response, 3> responses;
    for (received_response& response : responses) {
        tasks.spawn(store(response, fetch(*client, origin_at(server.port()))));
        server.release();
    }
    run(tasks.join());
    EXPECT_EQ(server.accepted(), 3U);
    EXPECT_EQ(client->statistics().idle, 2U);
}

TEST_F(UpstreamTest, IdleConnectionsAreBoundedInAll)
{
    settings.limit.idle_connections = 1;
    scripted_server first(context, {script().request().send(ok_hello)});
    scripted_server second(context, {script().request().send(ok_hello)});
    const auto client = make_client();
    EXPECT_FALSE(get(*client, origin_at(first.port())).error);
    EXPECT_FALSE(get(*client, origin_at(second.port())).error);
    EXPECT_EQ(client->statistics().idle, 1U);
    run(first.ended(1));  // the longest idle one made room
}

TEST_F(UpstreamTest, IdleConnectionsAreClosedAfterTheirTime)
{
    settings.limit.upstream_keep_alive = 0s;
    scripted_server server(context, {script().request().send(ok_hello)});
    const auto client = make_client();
    EXPECT_FALSE(get(*client, origin_at(server.port())).error);
    run(server.ended(1));
    EXPECT_EQ(client->statistics().idle, 0U);
}

TEST_F(UpstreamTest, ALeaseMayOutliveTheClient)
{
    scripted_server server(context, {script().request().send(ok_hello)});
    auto client = make_client();
    boost::system::result<upstream_connection> connection = upstream_errc::cancelled;
    run(store(connection, client->acquire(origin_at(server.port()), true)));
    client.reset();
    ASSERT_TRUE(connection);
    connection = upstream_errc::cancelled;
    run(server.ended(1));
}

TEST_F(UpstreamTest, InterimHeadsComeOneByOneBeforeTheFinalOne)
{
    const received_response response =
        response_to(script()
                        .request()
                        .send("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n")
                        .send(std::string("HTTP/1.1 102 Processing\r\n\r\n") + ok_hello));
    EXPECT_FALSE(response.error);
    EXPECT_EQ(response.head.status, 200U);
    EXPECT_FALSE(response.head.fields.contains("Link"));
    EXPECT_EQ(response.content, "hello");
}

TEST_F(UpstreamTest, AsManyInterimHeadsAsTheLimitAreTakenAndNotOneMore)
{
    settings.limit.interim_responses = 3;
    const std::string interim = "HTTP/1.1 102 Processing\r\n\r\n";
    const std::string three = interim + interim + interim;
    EXPECT_FALSE(error_of(three + ok_hello));
    EXPECT_EQ(error_of(three + interim + ok_hello), upstream_errc::too_many_interim);
}

TEST_F(UpstreamTest, WhatTheGrammarDoesNotAllowIsRefused)
{
    EXPECT_EQ(error_of("SSH-2.0-OpenSSH_9.2\r\n\r\n"), upstream_errc::malformed_response);
    EXPECT_EQ(error_of("HTTP/1.1 200 OK\r\nContent-Length: 5, 6\r\n\r\nhello"),
        upstream_errc::malformed_response);
    EXPECT_EQ(error_of("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nhello"),
        upstream_errc::malformed_response);
    EXPECT_EQ(error_of("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello"),
        upstream_errc::malformed_response);
    EXPECT_EQ(
        error_of("HTTP/1.1 101 Switching Protocols\r\n\r\n"), upstream_errc::malformed_response);
}

TEST_F(UpstreamTest, AnEndlessHeadIsRefusedAtTheLimit)
{
    EXPECT_EQ(error_of("HTTP/1.1 200 OK\r\nX: " + std::string(1'000'000, 'x')),
        upstream_errc::head_too_large);
}

TEST_F(UpstreamTest, TellsWhereTheConnectionEnded)
{
    EXPECT_EQ(error_of(""), upstream_errc::closed_before_response);
    EXPECT_EQ(error_of("HTTP/1.1 200"), upstream_errc::closed_early);
    EXPECT_EQ(
        error_of("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello"), upstream_errc::closed_early);
    EXPECT_EQ(error_of("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"),
        upstream_errc::closed_early);
}

TEST_F(UpstreamTest, AResetIsNoEndOfABody)
{
    const received_response response =
        response_to(script().request().send("HTTP/1.1 200 OK\r\n\r\nhello").reset());
    EXPECT_EQ(response.error, upstream_errc::closed_early);
}

TEST_F(UpstreamTest, KeepsWhatWasReadBeforeTheBodyWasCutShort)
{
    const received_response response = response_to(
        script().request().send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello").close());
    EXPECT_EQ(response.error, upstream_errc::closed_early);
    EXPECT_EQ(response.content, "hello");
}

// Gets a head within the deadline, then content.
asio::awaitable<void> read_with_deadlines(upstream& client,
    upstream_target target,
    std::chrono::milliseconds deadline,
    boost::system::error_code& error)
{
    auto connection = co_await client.acquire(target, true);
    error = co_await connection->send(get_request);
    const auto head = co_await connection->read_head(verb::get, deadline);
    if (!head) {
        error = head.error();
        co_return;
    }
    std::array<char, 100> into;
    auto octets = co_await connection->read_content(asio::buffer(into), deadline);
    while (octets && *octets > 0) {
        octets = co_await connection->read_content(asio::buffer(into), deadline);
    }
    error = octets ? boost::system::error_code() : octets.error();
}

TEST_F(UpstreamTest, SilenceBeforeAnAnswerEndsAtTheDeadline)
{
    scripted_server server(context, {script().request()});
    const auto client = make_client();
    boost::system::error_code error;
    run(read_with_deadlines(*client, origin_at(server.port()), 50ms, error));
    EXPECT_EQ(error, upstream_errc::first_byte_timeout);
    run(server.ended(1));
}

TEST_F(UpstreamTest, AHeadThatStopsHalfWayEndsAtTheDeadline)
{
    scripted_server server(context, {script().request().send("HTTP/1.1 200 OK\r\nDate:")});
    const auto client = make_client();
    boost::system::error_code error;
    run(read_with_deadlines(*client, origin_at(server.port()), 50ms, error));
    EXPECT_EQ(error, upstream_errc::first_byte_timeout);
}

TEST_F(UpstreamTest, SilenceInABodyEndsAtTheDeadline)
{
    for (const char* framing : {"Content-Length: 9", "Transfer-Encoding: chunked", "Date: x"}) {
        const std::string head = std::string("HTTP/1.1 200 OK\r\n") + framing + "\r\n\r\n";
        scripted_server server(context, {script().request().send(head)});
        const auto client = make_client();
        boost::system::error_code error;
        run(read_with_deadlines(*client, origin_at(server.port()), 50ms, error));
        EXPECT_EQ(error, upstream_errc::idle_timeout) << framing;
    }
}

asio::awaitable<void> send_too_much(
    upstream& client, upstream_target target, boost::system::error_code& error)
{
    auto connection = co_await client.acquire(target, true);
    // 50 MB, more than any socket buffers hold, without having them in memory.
    const std::string piece(50'000, 'x');
    const std::vector<asio::const_buffer> pieces(1'000, asio::buffer(piece));
    error = co_await connection->send_gather(pieces);
}

TEST_F(UpstreamTest, ARequestThatIsNotTakenEndsAtTheDeadline)
{
    settings.limit.upstream_write_stall = 0s;
    scripted_server server(context, {script().hold()});
    const auto client = make_client();
    boost::system::error_code error;
    run(send_too_much(*client, origin_at(server.port()), error));
    EXPECT_EQ(error, upstream_errc::write_timeout);
}

asio::awaitable<void> count_octets(
    upstream& client, upstream_target target, std::uint64_t& received, std::uint64_t& sent)
{
    auto connection = co_await client.acquire(target, true);
    EXPECT_FALSE(co_await connection->send(get_request));
    EXPECT_TRUE(co_await connection->read_head(verb::get, patience));
    std::string content;
    EXPECT_FALSE(co_await read_all(*connection, content));
    connection->finish();
    received = connection->wire_octets_received();
    sent = connection->wire_octets_sent();
}

TEST_F(UpstreamTest, CountsTheOctetsOfEachExchange)
{
    scripted_server server(context, {script().request().send(ok_hello).request().send(ok_hello)});
    const auto client = make_client();
    for (int exchange = 0; exchange < 2; ++exchange) {
        std::uint64_t received = 0;
        std::uint64_t sent = 0;
        run(count_octets(*client, origin_at(server.port()), received, sent));
        EXPECT_EQ(received, std::string_view(ok_hello).size());
        EXPECT_EQ(sent, get_request.size());
    }
}

asio::awaitable<void> send_pieces(upstream& client, upstream_target target)
{
    auto connection = co_await client.acquire(target, true);
    const std::array<asio::const_buffer, 2> pieces = {
        asio::buffer("POST / HTTP/1.1\r\nHost: a\r\n", 26),
        asio::buffer("Content-Length: 0\r\n\r\n", 21)};
    EXPECT_FALSE(co_await connection->send_gather(pieces));
    EXPECT_TRUE(co_await connection->read_head(verb::post, patience));
}

TEST_F(UpstreamTest, SendsPiecesInOrder)
{
    scripted_server server(context, {script().request().send(ok_hello)});
    const auto client = make_client();
    run(send_pieces(*client, origin_at(server.port())));
    EXPECT_EQ(server.requests().front(), "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
}

// An exchange is given up at each point where the server is silent: whatever it waits for ends, and
// the connection with it.
TEST_F(UpstreamTest, CancellationInEachPhaseClosesTheConnection)
{
    const std::vector<script> silent_after = {
        script().request(),
        script().request().send("HTTP/1.1 200 OK\r\n"),
        script().request().send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello"),
        script().request().send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhello"),
    };
    for (const script& steps : silent_after) {
        script then_reached = steps;
        scripted_server server(context, {then_reached.hold()});
        const auto client = make_client();
        task_set exchange(context.get_executor(), [](const std::exception_ptr&) {});
        received_response response;
        exchange.spawn(store(response, fetch(*client, origin_at(server.port()))));
        run(server.reached_hold());
        exchange.cancel();
        run(exchange.join());
        EXPECT_TRUE(!response.error || response.error == upstream_errc::cancelled);
        server.release();
        run(server.ended(1));
        EXPECT_EQ(client->statistics().idle, 0U);
    }
}

}  // namespace
}  // namespace proxy
