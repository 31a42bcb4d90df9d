// The bad network that the tests of many peers run on.

#include "tests/support/relay.hpp"

#include "tests/support/eventually.hpp"

#include <gtest/gtest.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include <string>

namespace support {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using asio::ip::udp;

// A place of its own for the test, UDP and TCP under one number.
struct place
{
    explicit place(asio::io_context& context, const char* address)
        : connections(context, {asio::ip::make_address(address), 0}),
          datagrams(context, {connections.local_endpoint().address(), port()})
    {
        datagrams.non_blocking(true);
    }

    std::uint16_t port() const { return connections.local_endpoint().port(); }
    tcp::endpoint where() const { return connections.local_endpoint(); }
    tcp::endpoint alias() const { return {asio::ip::make_address("127.0.1.9"), port()}; }

    void send(const std::string& text, const tcp::endpoint& to)
    {
        datagrams.send_to(asio::buffer(text), {to.address(), to.port()});
    }

    // What came and from whom; "" if nothing.
    std::string received(udp::endpoint& from)
    {
        std::string text(100, '\0');
        boost::system::error_code error;
        text.resize(datagrams.receive_from(asio::buffer(text), from, 0, error));
        return error ? "" : text;
    }

    tcp::acceptor connections;
    udp::socket datagrams;
};

class RelayTest : public testing::Test
{
protected:
    asio::io_context context_;
    place first_{context_, "127.0.0.7"};
    place second_{context_, "127.0.0.8"};
};

TEST_F(RelayTest, DatagramsComeFromTheAliasOfWhoSentThem)
{
    relay between{1, {}};
    between.add(first_.where(), first_.alias());
    between.add(second_.where(), second_.alias());
    between.start();
    first_.send("hello", second_.alias());
    udp::endpoint from;
    std::string text;
    ASSERT_TRUE(eventually([&] { return !(text = second_.received(from)).empty(); }));
    EXPECT_EQ(text, "hello");
    EXPECT_EQ(from.address(), first_.alias().address());
    EXPECT_EQ(from.port(), first_.port());
    place stranger{context_, "127.0.0.9"};
    stranger.send("hello", second_.alias());
    EXPECT_TRUE(eventually([&] { return between.unknown() == 1; }));
}

TEST_F(RelayTest, LosesAndRepeatsAsManyAsItIsTold)
{
    relay_faults faults;
    faults.loss_permille = 200;
    faults.duplication_permille = 100;
    relay between{1, faults};
    between.add(first_.where(), first_.alias());
    between.add(second_.where(), second_.alias());
    between.start();
    constexpr std::uint64_t sent = 2'000;
    for (std::uint64_t i = 0; i < sent; ++i) {
        first_.send("x", second_.alias());
        // The socket of an alias holds some hundred.
        EXPECT_TRUE(eventually([&] { return between.passed() + between.lost() + 50 > i; }));
    }
    // A tenth of the 1,600 or so that are left go twice.
    EXPECT_TRUE(eventually([&] { return between.passed() + between.lost() >= sent + 100; }));
    EXPECT_NEAR(static_cast<double>(between.lost()), 400, 80);
    EXPECT_LE(between.passed() + between.lost(), sent + 220);
}

TEST_F(RelayTest, ConnectionsAreCopiedBothWaysUntilBothEnd)
{
    relay between{1, {}};
    between.add(second_.where(), second_.alias());
    between.start();
    tcp::socket asking{context_};
    asking.connect(second_.alias());
    tcp::socket answering = second_.connections.accept();
    asio::write(asking, asio::buffer("question", 8));
    asking.shutdown(tcp::socket::shutdown_send);
    std::string question;
    boost::system::error_code error;
    asio::read(answering, asio::dynamic_buffer(question), error);
    EXPECT_EQ(error, asio::error::eof);
    EXPECT_EQ(question, "question");
    asio::write(answering, asio::buffer("answer", 6));
    answering.close();
    std::string answer;
    asio::read(asking, asio::dynamic_buffer(answer), error);
    EXPECT_EQ(answer, "answer");
    EXPECT_EQ(between.connections(), 1U);
}

}  // namespace
}  // namespace support
