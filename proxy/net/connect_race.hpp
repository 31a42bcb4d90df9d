// Connects to the first of several addresses that answers ("happy eyeballs", RFC 8305, section 5).

#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/result.hpp>

#include <chrono>
#include <vector>

namespace proxy {

// Alternates between IPv6 and IPv4, IPv6 first, and otherwise keeps the order (RFC 8305, section
// 4).
std::vector<boost::asio::ip::address> alternate_families(
    const std::vector<boost::asio::ip::address>& addresses);

// Starts with the first endpoint, and with the next one whenever an attempt failed or stagger has
// passed, so that a dead address costs stagger and not the deadline. The endpoints were judged: no
// other is dialled. Fails with upstream_errc::connect_refused (all said so), connect_failed,
// connect_timeout, overloaded or cancelled. When it ends, however it ends, no attempt is left.
boost::asio::awaitable<boost::system::result<boost::asio::ip::tcp::socket>> connect_first(
    std::vector<boost::asio::ip::tcp::endpoint> endpoints,
    std::chrono::milliseconds stagger,
    std::chrono::steady_clock::time_point deadline);

}  // namespace proxy
