// What becomes of an answer when the request could not be sent whole.

#include "tests/wire/upstream_fixture.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

namespace proxy {
namespace {

namespace asio = boost::asio;
using boost::beast::http::verb;
using support::script;
using support::scripted_server;
using namespace std::chrono_literals;

// More than any socket buffers hold, without having it in memory.
constexpr std::size_t piece_octets = 50'000;
constexpr std::size_t piece_count = 1'000;

asio::awaitable<boost::system::error_code> send_too_much(upstream_connection& connection)
{
    const std::string piece(piece_octets, 'x');
    const std::vector<asio::const_buffer> pieces(piece_count, asio::buffer(piece));
    co_return co_await connection.send_gather(pieces);
}

class UpstreamSendTest : public upstream_test
{
protected:
    // The server answers and ends the connection; only then more is sent, and then the answer read.
    received_response answer_before_failed_send(scripted_server& server)
    {
        const auto client = make_client();
        received_response response;
        run(send_then_read(*client, server, response));
        return response;
    }

    asio::awaitable<void> send_then_read(
        upstream& client, scripted_server& server, received_response& response)
    {
        auto connection = co_await client.acquire(origin_at(server.port()), true);
        EXPECT_FALSE(co_await connection->send(get_request));
        co_await server.ended(1);
        const boost::system::error_code unsent = co_await send_too_much(*connection);
        EXPECT_EQ(unsent, upstream_errc::closed_before_response);
        const auto head = co_await connection->read_head(verb::post, patience);
        if (!head) {
            response.error = head.error();
            co_return;
        }
        response.head = *head;
        response.error = co_await read_all(*connection, response.content);
        connection->finish();
        response.reused = client.statistics().idle != 0;
    }

    static asio::awaitable<void> read_while_sending(
        upstream& client, upstream_target target, boost::system::error_code& error)
    {
        using asio::experimental::awaitable_operators::operator&&;
        auto connection = co_await client.acquire(target, true);
        const auto both =
            co_await (connection->read_head(verb::post, patience) && send_too_much(*connection));
        error = std::get<0>(both).error();
    }
};

TEST_F(UpstreamSendTest, AnAnswerThatIsHereAlreadyIsReadAlthoughSendingFails)
{
    scripted_server server(context,
        {script()
                .request()
                .send("HTTP/1.1 413 Content Too Large\r\nContent-Length: 8\r\n\r\ntoo much")
                .reset()});
    const received_response response = answer_before_failed_send(server);
    EXPECT_FALSE(response.error) << response.error.message();
    EXPECT_EQ(response.head.status, 413U);
    EXPECT_EQ(response.content, "too much");
    EXPECT_FALSE(response.reused);
}

// The failed write has taken the reset; what is read next is an end that looks orderly.
TEST_F(UpstreamSendTest, TheEndAfterAFailedSendIsNoEndOfABody)
{
    scripted_server server(
        context, {script().request().send("HTTP/1.1 413 Content Too Large\r\n\r\nhalf").reset()});
    const received_response response = answer_before_failed_send(server);
    EXPECT_EQ(response.content, "half");
    EXPECT_EQ(response.error, upstream_errc::closed_early);
}

TEST_F(UpstreamSendTest, WhereNothingIsTakenAndNothingAnsweredTheReaderIsToldSo)
{
    settings.limit.upstream_write_stall = 0s;
    scripted_server server(context, {script().hold()});
    const auto client = make_client();
    boost::system::error_code error;
    run(read_while_sending(*client, origin_at(server.port()), error));
    EXPECT_EQ(error, upstream_errc::write_timeout) << error.message();
}

}  // namespace
}  // namespace proxy
