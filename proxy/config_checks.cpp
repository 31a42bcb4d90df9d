#include "proxy/config_checks.hpp"

#include "proxy/config_values.hpp"

#include <string>
#include <vector>

namespace proxy {
namespace {

using contradictions = std::vector<config_contradiction>;

// An open proxy is found and abused within hours.
void check_client(const settings& values, contradictions& found)
{
    if (!values.client.address.is_loopback() && values.allow_client.empty()) {
        found.push_back({"client",
            to_string(values.client) +
                " is open to other machines: name those that may use it with allow-client, such "
                "as 192.168.0.0/16, or listen on 127.0.0.1"});
    }
}

bool overlap(const host_port& left, const host_port& right)
{
    return left.port != 0 && left.port == right.port &&
           (left.address == right.address || left.address.is_unspecified() ||
               right.address.is_unspecified());
}

void check_ports(const settings& values, contradictions& found)
{
    struct listener
    {
        std::string_view option;
        const host_port& endpoint;
    };
    std::vector<listener> listeners{
        {"client", values.client}, {"peer", values.peer}, {"admin", values.admin}};
    if (values.peer6) {
        listeners.push_back({"peer6", *values.peer6});
    }
    for (std::size_t later = 1; later < listeners.size(); ++later) {
        for (std::size_t earlier = 0; earlier < later; ++earlier) {
            // The two peer ports are of one family each.
            const bool are_peers =
                listeners[earlier].option == "peer" && listeners[later].option == "peer6";
            if (!are_peers && overlap(listeners[earlier].endpoint, listeners[later].endpoint)) {
                found.push_back({listeners[later].option,
                    to_string(listeners[later].endpoint) + " is taken by " +
                        std::string{listeners[earlier].option} + ": give it a port of its own"});
            }
        }
    }
}

// One table for each family.
void check_families(const settings& values, contradictions& found)
{
    if (values.peer6 && !values.peer6->address.is_v6()) {
        found.push_back({"peer6", "expected an IPv6 address, found " + to_string(*values.peer6)});
    }
    if (values.peer6 && values.peer.address.is_v6()) {
        found.push_back({"peer6",
            "peer is IPv6 already (" + to_string(values.peer) +
                "): leave this out, or give peer an IPv4 address"});
    }
    if (values.advertise6 && !values.peer6) {
        found.push_back({"advertise6", "there is no peer6 that it could be the address of"});
    }
}

// The port is part of what others know a peer by, so it must be one that is listened on.
void check_advertised(const host_port& advertised,
    std::string_view option,
    const host_port& peer,
    std::string_view peer_option,
    contradictions& found)
{
    if (advertised.address.is_unspecified() || advertised.address.is_multicast()) {
        found.push_back({option,
            "expected an address that others can connect to, found " + to_string(advertised)});
    }
    if (advertised.address.is_v4() != peer.address.is_v4()) {
        found.push_back({option,
            "expected an address of the same family as " + std::string{peer_option} + ", " +
                to_string(peer) + ", found " + to_string(advertised)});
    }
    if (advertised.port == 0 || advertised.port == peer.port) {
        return;
    }
    const std::string wanted = peer.port == 0 ? "0, since " + std::string{peer_option} +
                                                    " leaves the choice of its port to the system"
                                              : std::to_string(peer.port) + ", the port of " +
                                                    std::string{peer_option} + ", or 0";
    found.push_back(
        {option, "expected port " + wanted + ", found " + std::to_string(advertised.port)});
}

void check_advertise(const settings& values, contradictions& found)
{
    if (values.advertise) {
        check_advertised(*values.advertise, "advertise", values.peer, "peer", found);
    }
    if (values.advertise6 && values.peer6) {
        check_advertised(*values.advertise6, "advertise6", *values.peer6, "peer6", found);
    }
}

// A socket bound to loopback sends to loopback only, and one of IPv4 to IPv4 only.
void check_join(const settings& values, contradictions& found)
{
    for (const host_port& known : values.join) {
        const bool is_other = values.peer6 && known.address.is_v6();
        const host_port& peer = is_other ? *values.peer6 : values.peer;
        const bool beyond_loopback = peer.address.is_loopback() && !known.address.is_loopback();
        const bool other_family = peer.address.is_v4() && known.address.is_v6();
        if (beyond_loopback || other_family) {
            found.push_back({"join",
                to_string(known) + " cannot be reached from " + to_string(peer) + ": give " +
                    (known.address.is_v4()
                            ? "peer an address of this machine, such as 0.0.0.0:4128"
                            : "peer6 an address of this machine, such as [::]:4128")});
        }
    }
}

void check_origins(const settings& values, contradictions& found)
{
    for (std::size_t later = 1; later < values.origins.size(); ++later) {
        for (std::size_t earlier = 0; earlier < later; ++earlier) {
            const route& one = values.origins[earlier];
            const route& other = values.origins[later];
            if (one.host == other.host && one.port == other.port) {
                found.push_back({"origin",
                    to_string(other) + " has the host and port of " + to_string(one) +
                        ": a Host field could mean either"});
            }
        }
    }
}

void check_folders(const settings& values, contradictions& found)
{
    if (values.store.lexically_normal() == values.state.lexically_normal()) {
        found.push_back(
            {"state", "expected a folder other than the store's, found " + values.state.string()});
    }
}

void check_swarm(const settings& values, contradictions& found)
{
    const std::string_view option = values.swarm_key_file.empty() ? "swarm-key" : "swarm-key-file";
    if (const auto ring = dht::swarm_ring::of(values.swarm_keys); !ring) {
        found.push_back({option, ring.error().message()});
    }
    if (values.plain_krpc && !values.swarm_keys.empty()) {
        found.push_back({"plain-krpc", "plain nodes have no key: leave this out or the swarm's"});
    }
}

}  // namespace

std::vector<config_contradiction> find_contradictions(const settings& values)
{
    contradictions found;
    check_client(values, found);
    check_ports(values, found);
    check_families(values, found);
    check_advertise(values, found);
    check_join(values, found);
    check_origins(values, found);
    check_folders(values, found);
    check_swarm(values, found);
    return found;
}

}  // namespace proxy
