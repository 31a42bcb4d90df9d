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
    coralized,  // Host: www.example.com.SUFFIX, see coral_name.hpp
    reverse,    // Host names one of the --origin routes (or there is only one)
};

struct target
{
    way_in way = way_in::forward;
    std::string scheme = "http";  // "http" or "https"; "" for a tunnel
    std::string host;             // canonical, see host.hpp
    std::uint16_t port = 80;
    // Octet for octet as it goes to the origin, but for the %hex of the path, put in upper case
    // (RFC 3986, section 6.2.2.1). Nothing is decoded, no dot segment removed, and the query left
    // alone: what is keyed is what is forwarded. "*" for OPTIONS of the whole server.
    std::string path_and_query = "/";
    std::string coral_authority;  // coralized: as the client wrote it, for rewriting Location

    // Host field for the origin: the port only where it is not the scheme's default. Of a tunnel:
    // with its port.
    std::string authority() const;
};

enum class target_refusal : std::uint8_t
{
    malformed = 1,       // 400: no valid host name, address or port
    method_not_allowed,  // 405: other than GET or HEAD for a coralized name
    tunnel_port,         // 403: CONNECT to a port other than 443
    misdirected,         // 421: a Host that is no suffix, no route and not ourselves
    service_worker,      // 403: a script for a coralized name that would answer for its pages later
    unsupported_scheme,  // 400: absolute-form with a scheme other than http and https
};

unsigned status_for(target_refusal refusal);

// One sentence for the body of the answer, without request text.
std::string_view explain(target_refusal refusal);

struct route
{
    std::string scheme;
    std::string host;
    std::uint16_t port = 80;

    friend bool operator==(const route&, const route&) = default;
};

// What resolve_target needs to know of the configuration.
struct target_rules
{
    std::string suffix;         // "atoll.localhost"
    std::vector<route> routes;  // --origin
};

// Decides the way in and the origin's URI.
//
// Absolute-form replaces Host (RFC 9112, section 3.2.2) and is forwarded. With either form a name
// that ends in ".SUFFIX" is coralized: a browser that uses us as its proxy too sends absolute-form.
// Else Host chooses a route: one that equals its authority; or the only one with that host,
// whatever the port, because clients name our port and not the origin's; or, with a single route,
// that one if Host is an address literal or "localhost", or absent (HTTP/1.0): a user who types the
// address of a peer expects the site it is the front of. Otherwise the request is misdirected.
boost::system::result<target, target_refusal> resolve_target(
    const http1::request_head& request, const target_rules& rules);

}  // namespace proxy
