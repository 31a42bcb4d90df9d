// The socket of a node.

#pragma once

#include "dht/core/endpoint.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>

#include <cstdint>
#include <optional>
#include <vector>

namespace dht {

// Bound, never blocking, of one address family, and counting what its buffer had no room for.
// Throws boost::system::system_error.
boost::asio::ip::udp::socket open_socket(boost::asio::io_context& context, const endpoint& where);

// With the real port.
endpoint local_endpoint_of(const boost::asio::ip::udp::socket& socket);

// The first of these that is of the family; nothing if none is.
std::optional<endpoint> of_family(const std::vector<endpoint>& some, bool is_v4);

// What is advertised; port 0 stands for the bound one.
std::optional<endpoint> with_port(std::optional<endpoint> advertised, std::uint16_t bound_port);

}  // namespace dht
