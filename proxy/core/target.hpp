// The name a client asks for -> the origin's URI, and what we refuse to proxy. The ways in: forward
// proxy, tunnel, coralized name, reverse (one peer in front of one origin), content name, and
// requests to ourselves. Sans-I/O.

#pragma once

#include "proxy/http1/message.hpp"

#include <boost/system/result.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace proxy {

enum class way_in : std::uint8_t
{
    forward,    // absolute-form: GET http://host/path
    tunnel,     // CONNECT host:443
    coralized,  // Host: www.example.com.SUFFIX
    reverse,    // Host names one of the --origin routes (or there is only one)
};

struct target
{
    way_in way = way_in::forward;
    std::string scheme = "http";  // "http" or "https"; "" for a tunnel
    std::string host;             // lower case; an address literal of IPv6 is kept in brackets
    std::uint16_t port = 80;
    std::string path_and_query =
        "/";  // octet for octet as it goes to the origin; only %hex is put in upper case
    std::string
        coral_authority;  // coralized: the authority as the client wrote it, for rewriting Location

    // Host field for the origin: the port only where it is not the scheme's default.
    std::string authority() const;
};

enum class target_refusal : std::uint8_t
{
    malformed = 1,       // 400: no valid host name, address or port
    method_not_allowed,  // 405: other than GET or HEAD for a coralized name
    tunnel_port,         // 403: CONNECT to a port other than 443
    misdirected,         // 421: a Host that is no suffix, no route and not ourselves
    service_worker,  // 403: Service-Worker: script for a coralized name would own every site of the
                     // suffix
    unsupported_scheme,  // 400: absolute-form with a scheme other than http and https
};

unsigned status_for(target_refusal refusal);
std::string_view explain(
    target_refusal refusal);  // one sentence for the body of the answer, without request text

struct route
{
    std::string scheme;
    std::string host;
    std::uint16_t port = 80;
};

// What resolve_target needs to know of the configuration.
struct target_rules
{
    std::string suffix;         // "atoll.localhost"
    std::vector<route> routes;  // --origin
};

// Decides the way in and the origin's URI.
//
// Origin-form: a Host that ends in ".SUFFIX" is coralized; one that equals a route's authority is
// reverse; with a single route any Host that is an address literal, "localhost" or that route's
// host is reverse too (a user who types the address of a peer expects the site it is the front of);
// otherwise misdirected.
boost::system::result<target, target_refusal> resolve_target(
    const http1::request_head& request, const target_rules& rules);

}  // namespace proxy
