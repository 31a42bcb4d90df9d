#include "dht/net/udp_socket.hpp"

#include "dht/net/datagram_batch.hpp"

#include <boost/asio/ip/v6_only.hpp>

#include <algorithm>

namespace dht {

using boost::asio::ip::udp;

udp::socket open_socket(boost::asio::io_context& context, const endpoint& where)
{
    const udp::endpoint local{where.address, where.port};
    udp::socket socket{context};
    socket.open(local.protocol());
    if (where.address.is_v6()) {
        socket.set_option(boost::asio::ip::v6_only{true});  // IPv4 is another node with another ID
    }
    count_overflows(socket.native_handle());
    socket.non_blocking(true);
    socket.bind(local);
    return socket;
}

endpoint local_endpoint_of(const udp::socket& socket)
{
    const udp::endpoint local = socket.local_endpoint();
    return {local.address(), local.port()};
}

std::optional<endpoint> of_family(const std::vector<endpoint>& some, bool is_v4)
{
    const auto found = std::find_if(some.begin(), some.end(), [is_v4](const endpoint& where) {
        return where.address.is_v4() == is_v4;
    });
    return found == some.end() ? std::nullopt : std::optional{*found};
}

std::optional<endpoint> with_port(std::optional<endpoint> advertised, std::uint16_t bound_port)
{
    if (advertised && advertised->port == 0) {
        advertised->port = bound_port;
    }
    return advertised;
}

}  // namespace dht
