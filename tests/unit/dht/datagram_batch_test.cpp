#include "dht/net/datagram_batch.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>

#include <gtest/gtest.h>

#include <string>

namespace dht {
namespace {

using boost::asio::ip::udp;

class DatagramBatchTest : public ::testing::TestWithParam<const char*>
{
protected:
    endpoint where(const udp::socket& socket) const
    {
        return {socket.local_endpoint().address(), socket.local_endpoint().port()};
    }

    udp::endpoint any_port() const { return {boost::asio::ip::make_address(GetParam()), 0}; }

    boost::asio::io_context context;
    udp::socket sender{context, any_port()};
    udp::socket receiver{context, any_port()};
    send_batch outgoing;
    receive_batch incoming{100};
};

TEST_P(DatagramBatchTest, CarriesDatagramsInOrderWithTheirSource)
{
    for (std::size_t i = 0; i < batch_size; ++i) {
        outgoing.add(where(receiver), std::string(i + 1, 'x'));
    }
    EXPECT_TRUE(outgoing.is_full());
    EXPECT_EQ(outgoing.send(sender.native_handle()), 0U);
    EXPECT_FALSE(outgoing.is_full());
    const auto& received = incoming.receive(receiver.native_handle());
    ASSERT_EQ(received.size(), batch_size);
    for (std::size_t i = 0; i < batch_size; ++i) {
        EXPECT_EQ(received[i].octets.size(), i + 1);
        EXPECT_EQ(received[i].from, where(sender));
    }
    EXPECT_TRUE(incoming.receive(receiver.native_handle()).empty());
}

TEST_P(DatagramBatchTest, ALongDatagramIsCutToOneOctetTooMany)
{
    outgoing.add(where(receiver), std::string(1'000, 'x'));
    outgoing.send(sender.native_handle());
    const auto& received = incoming.receive(receiver.native_handle());
    ASSERT_EQ(received.size(), 1U);
    EXPECT_EQ(received[0].octets.size(), 101U);
}

TEST_P(DatagramBatchTest, WhatFoundTheBufferFullIsCounted)
{
    count_overflows(receiver.native_handle());
    receiver.set_option(udp::socket::receive_buffer_size{4'096});
    std::uint64_t sent = 0;
    std::uint64_t read = 0;
    const auto read_all = [&] {
        while (const std::size_t count = incoming.receive(receiver.native_handle()).size()) {
            read += count;
        }
    };
    for (int round = 0; round < 2; ++round) {
        for (int i = 0; i < 200; ++i, ++sent) {
            outgoing.add(where(receiver), "datagram");
            outgoing.send(sender.native_handle());
        }
        read_all();
        outgoing.add(where(receiver), "the one that tells");
        outgoing.send(sender.native_handle());
        ++sent;
        read_all();
        EXPECT_GT(incoming.overflows(), 0U);
        EXPECT_EQ(read + incoming.overflows(), sent);
    }
}

TEST_P(DatagramBatchTest, WhatCannotBeSentDoesNotHoldUpTheRest)
{
    outgoing.add(where(receiver), "first");
    outgoing.add(where(receiver), std::string(70'000, 'x'));  // longer than any datagram
    outgoing.add(where(receiver), "last");
    EXPECT_EQ(outgoing.send(sender.native_handle()), 1U);
    EXPECT_EQ(incoming.receive(receiver.native_handle()).size(), 2U);
}

INSTANTIATE_TEST_SUITE_P(BothFamilies, DatagramBatchTest, ::testing::Values("127.0.0.1", "::1"));

}  // namespace
}  // namespace dht
