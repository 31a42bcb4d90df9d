#include "tests/support/uplink.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

namespace support {
namespace {

constexpr std::size_t packet_octets = 1'460;  // payload of a TCP segment on Ethernet
constexpr std::size_t unlimited_slice_octets = 64 * 1'024;

}  // namespace

std::size_t uplink::slice_octets() const
{
    return octets_per_second_ == 0 ? unlimited_slice_octets : packet_octets;
}

boost::asio::awaitable<void> uplink::carry(std::size_t octets)
{
    if (octets_per_second_ == 0) {
        co_return;
    }
    const std::chrono::nanoseconds on_the_wire(octets * 1'000'000'000 / octets_per_second_);
    free_at_ = std::max(free_at_, clock::now()) + on_the_wire;
    boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, free_at_);
    co_await timer.async_wait(boost::asio::use_awaitable);
}

}  // namespace support
