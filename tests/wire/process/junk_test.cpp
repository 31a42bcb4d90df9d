// Junk comes in at the peer port: it is dropped and counted, and clients notice nothing.

#include "tests/support/atoll_peer.hpp"
#include "tests/support/generated_body.hpp"
#include "tests/support/http_client.hpp"
#include "tests/support/process_usage.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/support/test_origin.hpp"
#include "tests/wire/process/junk_datagrams.hpp"

#include <gtest/gtest.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace proxy {
namespace {

using boost::asio::ip::udp;

// From many places.
void send_junk(std::uint16_t port, const std::string& network, const std::atomic<bool>& is_over)
{
    boost::asio::io_context context;
    const udp::endpoint to{boost::asio::ip::address_v4::loopback(), port};
    const std::vector<std::string> all = support::junk_datagrams(network, 100);
    while (!is_over) {
        udp::socket socket{context, {boost::asio::ip::address_v4::loopback(), 0}};
        for (const std::string& one : all) {
            boost::system::error_code ignored;
            socket.send_to(boost::asio::buffer(one), to, 0, ignored);
        }
    }
}

TEST(JunkTest, IsDroppedAndCountedAndClientsNoticeNothing)
{
    support::temporary_directory directory;
    support::test_origin origin;
    support::origin_route route;
    route.body = support::generated_body(4, 30'000);
    origin.serve("/file", route);
    support::atoll_peer_options options;
    options.directory = directory.path() / "peer";
    support::atoll_peer peer{options};
    const auto is_right = [&] {
        const auto answer = support::http_client(peer.client())
                                .exchange(support::forward_request(origin.authority(), "/file"));
        return answer && answer->status == 200 && answer->body == route.body;
    };
    ASSERT_TRUE(is_right());
    const std::uint64_t before = support::peak_resident_octets(peer.program().id());

    std::atomic<bool> is_over{false};
    std::thread sender{[&] { send_junk(peer.peer().port(), options.network, is_over); }};
    for (int i = 0; i < 300; ++i) {
        EXPECT_TRUE(is_right());
    }
    is_over = true;
    sender.join();

    for (const char* reason : {"malformed", "other_network"}) {
        EXPECT_GT(
            peer.metric("atoll_index_dropped_total{reason=\"" + std::string{reason} + "\"}"), 100)
            << reason;
    }
    EXPECT_EQ(peer.metric("atoll_routing_table_size"), 0);
    EXPECT_EQ(peer.metric("atoll_index_values"), 0);
    constexpr std::uint64_t most_growth = 64 << 20;
    EXPECT_LT(support::peak_resident_octets(peer.program().id()), before + most_growth);
    EXPECT_TRUE(is_right());
}

}  // namespace
}  // namespace proxy
