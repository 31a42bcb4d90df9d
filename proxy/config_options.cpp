#include "proxy/config_options.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>
#include <vector>

namespace proxy {
namespace {

template <auto Member, auto Parse>
value_result<void> assign(settings& target, std::string_view text)
{
    auto parsed = Parse(text);
    if (!parsed) {
        return parsed.error();
    }
    target.*Member = std::move(*parsed);
    return {};
}

template <auto Member, auto Parse>
value_result<void> append(settings& target, std::string_view text)
{
    auto parsed = Parse(text);
    if (!parsed) {
        return parsed.error();
    }
    (target.*Member).push_back(std::move(*parsed));
    return {};
}

value_result<void> assign_no_peers(settings& target, std::string_view text)
{
    const value_result<bool> parsed = parse_switch(text);
    if (!parsed) {
        return parsed.error();
    }
    target.use_peers = !*parsed;
    return {};
}

constexpr std::array<config_option, 24> options{{
    {"client",
        "ADDRESS:PORT",
        "127.0.0.1:3128",
        "where clients connect; port 0 picks one",
        false,
        assign<&settings::client, parse_host_port>},
    {"peer",
        "ADDRESS:PORT",
        "127.0.0.1:4128",
        "where other peers reach this one, UDP and TCP",
        false,
        assign<&settings::peer, parse_host_port>},
    {"peer6",
        "[ADDRESS]:PORT",
        "",
        "the same for IPv6, besides an IPv4 --peer: one peer in two tables",
        false,
        assign<&settings::peer6, parse_host_port>},
    {"admin",
        "ADDRESS:PORT",
        "127.0.0.1:9128",
        "metrics, health and status",
        false,
        assign<&settings::admin, parse_host_port>},
    {"store",
        "DIR",
        "$XDG_CACHE_HOME/atoll",
        "folder of the stored responses",
        false,
        assign<&settings::store, parse_folder>},
    {"store-size",
        "SIZE",
        "10GiB",
        "most octets on disk, everything included",
        false,
        assign<&settings::store_octets, parse_store_size>},
    {"memory",
        "SIZE",
        "256MiB",
        "size of the memory tier",
        false,
        assign<&settings::memory_octets, parse_memory_size>},
    {"state",
        "DIR",
        "$XDG_STATE_HOME/atoll; with --store, DIR.state",
        "folder of identity and known peers",
        false,
        assign<&settings::state, parse_folder>},
    {"join",
        "ADDRESS:PORT",
        "",
        "a peer of the network to join; may be repeated",
        true,
        append<&settings::join, parse_peer_endpoint>},
    {"advertise",
        "ADDRESS:PORT",
        "",
        "where others reach this peer, if that is not where it listens",
        false,
        assign<&settings::advertise, parse_host_port>},
    {"advertise6",
        "[ADDRESS]:PORT",
        "",
        "the same of --peer6",
        false,
        assign<&settings::advertise6, parse_host_port>},
    {"origin",
        "URL",
        "",
        "be the front of this site (reverse proxy); may be repeated",
        true,
        append<&settings::origins, parse_origin>},
    {"allow-client",
        "CIDR",
        "",
        "clients that may connect besides this machine; may be repeated",
        true,
        append<&settings::allow_client, parse_address_block>},
    {"allow-target",
        "CIDR",
        "",
        "private addresses that may be fetched from; may be repeated",
        true,
        append<&settings::allow_target, parse_address_block>},
    {"allow-purge",
        "CIDR",
        "",
        "clients whose PURGE requests are obeyed; may be repeated",
        true,
        append<&settings::allow_purge, parse_address_block>},
    {"suffix",
        "DOMAIN",
        "atoll.localhost",
        "www.example.com.DOMAIN is fetched from www.example.com",
        false,
        assign<&settings::suffix, parse_suffix>},
    {"no-peers", "", "", "neither ask nor serve peers", false, assign_no_peers},
    {"network",
        "NAME",
        "atoll",
        "networks of different names never merge",
        false,
        assign<&settings::network, parse_network>},
    {"swarm-key",
        "KEY",
        "",
        "only peers with this secret are heard (atoll swarm-key makes one); may be repeated, the "
        "first is used for sending",
        true,
        append<&settings::swarm_keys, parse_swarm_key>,
        true},
    {"swarm-key-file",
        "FILE",
        "",
        "the same from a file that others cannot read, one key a line",
        false,
        assign<&settings::swarm_key_file, parse_file>},
    {"levels",
        "MS,MS",
        "60,20",
        "round trips within which peers form clusters, falling; none switches clusters off; all "
        "peers of a network use the same",
        false,
        assign<&settings::level_bounds, parse_levels>},
    {"plain-krpc",
        "",
        "",
        "accept index messages without our extension (BEP 5), for tests",
        false,
        assign<&settings::plain_krpc, parse_switch>},
    {"threads",
        "N",
        "0",
        "worker threads; 0 is one per core",
        false,
        assign<&settings::threads, parse_threads>},
    {"log-format",
        "FORMAT",
        "common",
        "access log: common or json",
        false,
        assign<&settings::access_log, parse_log_format>},
}};

// Levenshtein's distance, one row at a time.
std::size_t edit_distance(std::string_view left, std::string_view right)
{
    std::vector<std::size_t> row(right.size() + 1);
    for (std::size_t j = 0; j < row.size(); ++j) {
        row[j] = j;
    }
    for (std::size_t i = 0; i < left.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i + 1);
        for (std::size_t j = 0; j < right.size(); ++j) {
            const std::size_t replaced = diagonal + (left[i] == right[j] ? 0 : 1);
            diagonal = std::exchange(row[j + 1], std::min({row[j + 1] + 1, row[j] + 1, replaced}));
        }
    }
    return row.back();
}

}  // namespace

std::string config_option::flag() const
{
    return "--" + std::string{name};
}

std::string config_option::variable() const
{
    std::string out = "ATOLL_";
    for (const char c : name) {
        out += c == '-' ? '_' : static_cast<char>(c - 'a' + 'A');
    }
    return out;
}

std::span<const config_option> config_options()
{
    return options;
}

const config_option* find_option(std::string_view name)
{
    const auto found = std::find_if(
        options.begin(), options.end(), [name](const auto& option) { return option.name == name; });
    return found == options.end() ? nullptr : &*found;
}

const config_option* nearest_option(std::string_view written)
{
    constexpr std::size_t longest = 32;  // beyond, no name in the table is near
    constexpr std::size_t far = 4;       // as many changes make another word
    if (written.size() > longest) {
        return nullptr;
    }
    const config_option* nearest = nullptr;
    std::size_t nearest_distance = far;
    for (const config_option& option : options) {
        const std::size_t distance = edit_distance(written, option.name);
        if (distance < nearest_distance && distance <= option.name.size() / 2) {
            nearest = &option;
            nearest_distance = distance;
        }
    }
    return nearest;
}

}  // namespace proxy
