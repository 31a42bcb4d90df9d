// One client connection: read a request, decide, answer; again.

#pragma once

#include "proxy/net/coroutine.hpp"

#include <boost/asio/ip/tcp.hpp>

namespace proxy {

struct services;
struct worker;

// Runs until the client leaves, an error leaves the framing in doubt, or the node drains. In the
// worker's task_set.
awaitable<void> run_session(services& shared, worker& here, asio::ip::tcp::socket socket);

// The same on the peer port: a GET with the absolute URI and only-if-cached, nothing else. What is
// fresh here is served, and what is arriving here from the origin; everything else is 504. Nobody
// is asked on behalf of a peer: one hop.
awaitable<void> run_peer_session(services& shared, worker& here, asio::ip::tcp::socket socket);

}  // namespace proxy
