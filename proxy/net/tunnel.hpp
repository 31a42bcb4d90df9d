// CONNECT: octets pass in both directions, unseen and uncached (RFC 9110, section 9.3.6).

#pragma once

#include "proxy/net/client_stream.hpp"
#include "proxy/net/coroutine.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <cstdint>

namespace proxy {

struct tunnel_octets
{
    std::uint64_t to_client = 0;
    std::uint64_t to_origin = 0;
};

// Until both sides have ended, one breaks, or nothing passes in either direction for `idle`. The
// end of one direction is passed on and the other goes on. What the client sent behind its request
// is already in the client's buffer.
awaitable<tunnel_octets> run_tunnel(client_stream& client,
    asio::ip::tcp::socket origin,
    deadline_list& deadlines,
    std::chrono::milliseconds idle);

}  // namespace proxy
