// Why a request to an origin or a peer failed. Each value maps to the status and the Proxy-Status
// error type (RFC 9209) that a client is told.

#pragma once

#include "proxy/core/exchange.hpp"

#include <boost/system/error_code.hpp>

#include <string_view>

namespace proxy {

enum class upstream_errc
{
    // The name has no address, or the name server said that it cannot answer.
    resolve_failed = 1,
    // No name server answered in time.
    resolve_timeout,
    // The gate for outgoing connections allows none of the addresses.
    egress_refused,
    // Every address answered that nothing listens there.
    connect_refused,
    // No address could be reached: no route, reset, or no such network.
    connect_failed,
    // No address accepted the connection (TCP and TLS together) in time.
    connect_timeout,
    // The TLS handshake failed, not because of the certificate.
    tls_failed,
    // The certificate is expired, for another name, or not signed by an authority we trust.
    tls_certificate_refused,
    // The other side took nothing of the request for too long.
    write_timeout,
    // The head of a response did not arrive in time.
    first_byte_timeout,
    // Silence in the middle of a body.
    idle_timeout,
    // Something that HTTP/1.1 does not allow in a response (RFC 9112); nothing after it is trusted.
    malformed_response,
    // The head of the response exceeds our limits.
    head_too_large,
    // The connection ended before the first octet of a response. On a connection that was reused
    // this may mean that the server had closed it while it was idle (RFC 9112, section 9.3.1).
    closed_before_response,
    // The connection ended inside a head or a body.
    closed_early,
    // More interim (1xx) responses than any server has a reason to send.
    too_many_interim,
    // We have too many questions, or too few descriptors, for another connection.
    overloaded,
    // Our own side ended the operation.
    cancelled,
};

const boost::system::error_category& upstream_category();
boost::system::error_code make_error_code(upstream_errc code);

// What a client is told whose request failed so, when nothing of a response has been passed on.
// Anything but an upstream_errc is a fault of ours: 502.
fetch_failure failure_of(const boost::system::error_code& error);

}  // namespace proxy

template <>
struct boost::system::is_error_code_enum<proxy::upstream_errc> : std::true_type
{
};
