// Opening ports at the start, each failure with the option that asked for it.

#pragma once

#include "dht/net/udp_transport.hpp"
#include "proxy/config.hpp"
#include "proxy/core/peer_choice.hpp"
#include "proxy/net/listener.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/result.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace proxy {

// What prevented the start, in words for the operator.
struct start_failure
{
    std::string text;
};

template <class T>
T must(boost::system::result<T> got, const std::string& what)
{
    if (!got) {
        throw start_failure{what + ": " + got.error().message()};
    }
    return std::move(*got);
}

std::string to_text(const boost::asio::ip::tcp::endpoint& where);
boost::asio::ip::tcp::endpoint tcp(const host_port& where);

// A listener that the listeners of all workers join. Throws start_failure.
boost::asio::ip::tcp::acceptor listen_on(boost::asio::io_context& context,
    const boost::asio::ip::tcp::endpoint& where,
    const char* flag,
    listener_kind kind);

// A second process on our port would share our clients with us (SO_REUSEPORT): found out by a bind
// without it. Throws start_failure.
void require_free(boost::asio::io_context& context,
    const boost::asio::ip::tcp::endpoint& where,
    const char* flag,
    bool own_family = false);

// Where other peers reach this one: for each address family one number, UDP for the index and TCP
// for bodies.
struct peer_ports
{
    std::unique_ptr<dht::udp_transport> transport;
    std::vector<boost::asio::ip::tcp::endpoint> where;  // with the real ports
    // Keep the TCP ports until every worker listens on them.
    std::vector<boost::asio::ip::tcp::acceptor> places;
};

// With port 0 the system picks one for UDP and we look whether it is free for TCP too. Throws
// start_failure.
peer_ports open_peer_ports(
    boost::asio::io_context& context, const settings& values, const dht::swarm_ring& swarm);

// The same as others know them.
std::vector<peer_address> reached_at(const peer_ports& ports, const settings& values);

}  // namespace proxy
