#include "proxy/ports.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace proxy {
namespace {

constexpr int tries_for_a_free_pair = 16;

std::unique_ptr<dht::udp_transport> open_transport(const dht::udp_transport::settings& wanted)
{
    try {
        return std::make_unique<dht::udp_transport>(wanted);
    } catch (const boost::system::system_error& error) {
        std::string places;
        for (const dht::endpoint& where : wanted.bind) {
            places += (places.empty() ? "" : " or ") + dht::to_string(where);
        }
        throw start_failure{fmt::format(
            "cannot use the UDP port of {} (--peer): {}", places, error.code().message())};
    }
}

dht::endpoint in_index(const host_port& where)
{
    return {where.address, where.port};
}

dht::udp_transport::settings transport_settings(
    const settings& values, const dht::swarm_ring& swarm)
{
    dht::udp_transport::settings wanted;
    wanted.bind.push_back(in_index(values.peer));
    if (values.peer6) {
        wanted.bind.push_back(in_index(*values.peer6));
    }
    for (const auto* const told : {&values.advertise, &values.advertise6}) {
        if (*told) {
            wanted.advertise.push_back(in_index(**told));
        }
    }
    wanted.network = values.network;
    wanted.level_bounds = values.level_bounds;
    wanted.plain_krpc = values.plain_krpc;
    wanted.swarm = swarm;
    wanted.contacts_file = values.state / "contacts";
    for (const host_port& seed : values.join) {
        wanted.seeds.push_back(in_index(seed));
    }
    return wanted;
}

// Whether nobody has the TCP ports of the same numbers.
bool are_pairs_free(boost::asio::io_context& context, const dht::udp_transport& transport)
{
    const std::vector<dht::endpoint> all = transport.local_endpoints();
    return std::none_of(all.begin(), all.end(), [&](const dht::endpoint& where) {
        return probe_port(context, {where.address, where.port}, true).failed();
    });
}

}  // namespace

std::string to_text(const boost::asio::ip::tcp::endpoint& where)
{
    return to_string(host_port{where.address(), where.port()});
}

boost::asio::ip::tcp::endpoint tcp(const host_port& where)
{
    return {where.address, where.port};
}

boost::asio::ip::tcp::acceptor listen_on(boost::asio::io_context& context,
    const boost::asio::ip::tcp::endpoint& where,
    const char* flag,
    listener_kind kind)
{
    return must(open_listener(context, where, kind),
        fmt::format("cannot listen on {} ({})", to_text(where), flag));
}

void require_free(boost::asio::io_context& context,
    const boost::asio::ip::tcp::endpoint& where,
    const char* flag,
    bool own_family)
{
    if (const error_code error = probe_port(context, where, own_family)) {
        throw start_failure{
            fmt::format("cannot listen on {} ({}): {}", to_text(where), flag, error.message())};
    }
}

peer_ports open_peer_ports(
    boost::asio::io_context& context, const settings& values, const dht::swarm_ring& swarm)
{
    require_free(context, tcp(values.peer), "--peer", of_peers.own_family);
    if (values.peer6) {
        require_free(context, tcp(*values.peer6), "--peer6", of_peers.own_family);
    }
    const dht::udp_transport::settings wanted = transport_settings(values, swarm);
    peer_ports ports;
    for (int tries = 0; ports.where.empty(); ++tries) {
        ports.transport.reset();
        ports.transport = open_transport(wanted);
        if (are_pairs_free(context, *ports.transport) || tries == tries_for_a_free_pair) {
            for (const dht::endpoint& where : ports.transport->local_endpoints()) {
                ports.places.push_back(
                    listen_on(context, {where.address, where.port}, "--peer", of_peers));
                ports.where.push_back(ports.places.back().local_endpoint());
            }
        }
    }
    return ports;
}

std::vector<peer_address> reached_at(const peer_ports& ports, const settings& values)
{
    std::vector<peer_address> all;
    for (const boost::asio::ip::tcp::endpoint& where : ports.where) {
        peer_address one{where.address(), where.port()};
        for (const auto* const told : {&values.advertise, &values.advertise6}) {
            if (*told && (*told)->address.is_v4() == one.address.is_v4()) {
                one.address = (*told)->address;
                one.port = (*told)->port != 0 ? (*told)->port : one.port;
            }
        }
        all.push_back(one);
    }
    return all;
}

}  // namespace proxy
